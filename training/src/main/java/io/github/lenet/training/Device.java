package io.github.lenet.training;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The device that a user asks for; {@link DeviceSelection} is the one that was found.
 *
 * @param kind what to look for
 * @param gpu its number, from 0; 0 for the other kinds
 */
public record Device(Kind kind, int gpu) {

  /** What to look for. */
  public enum Kind {
    /** The first GPU if there is a usable one, else the CPU. */
    AUTO,
    /** The CPU; no GPU is touched. */
    CPU,
    /** This GPU, and nothing else. */
    GPU
  }

  /** The first GPU if there is a usable one, else the CPU: the chapter's {@code try_gpu}. */
  public static final Device AUTO = new Device(Kind.AUTO, 0);

  /** The CPU. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  private static final Pattern GPU = Pattern.compile("gpu:\\d{1,3}");

  /** Checks that the number fits the kind. */
  public Device {
    Objects.requireNonNull(kind, "kind");
    if (gpu < 0 || gpu > 0 && kind != Kind.GPU) {
      throw new IllegalArgumentException("gpu (" + gpu + ") does not fit " + kind);
    }
  }

  /**
   * A certain GPU.
   *
   * @param number from 0
   * @return the device
   */
  public static Device gpu(int number) {
    return new Device(Kind.GPU, number);
  }

  /**
   * Reads a device as users write it.
   *
   * @param text {@code auto}, {@code cpu}, {@code gpu}, which is the first, or {@code gpu:N}
   * @return the device
   * @throws IllegalArgumentException if it is none of these
   */
  public static Device parse(String text) {
    if (GPU.matcher(text).matches()) {
      return gpu(Integer.parseInt(text.substring("gpu:".length())));
    }
    return switch (text) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      case "gpu" -> gpu(0);
      default ->
          throw new IllegalArgumentException(
              "unknown device '" + text + "': expected auto, cpu, gpu or gpu:N");
    };
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (kind) {
      case AUTO -> "auto";
      case CPU -> "cpu";
      case GPU -> "gpu:" + gpu;
    };
  }
}
