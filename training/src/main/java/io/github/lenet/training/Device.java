package io.github.lenet.training;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The device that a user asks for; {@link DeviceSelection} is the one that was found.
 *
 * @param kind what to look for
 * @param gpus their numbers, from 0; none for the other kinds
 */
public record Device(Kind kind, List<Integer> gpus) {

  /** What to look for. */
  public enum Kind {
    /** The first GPU if there is a usable one, else the CPU. */
    AUTO,
    /** The CPU; no GPU is touched. */
    CPU,
    /** These GPUs, or this one, and nothing else. */
    GPU
  }

  /** The first GPU if there is a usable one, else the CPU: the chapter's {@code try_gpu}. */
  public static final Device AUTO = new Device(Kind.AUTO, List.of());

  /** The CPU. */
  public static final Device CPU = new Device(Kind.CPU, List.of());

  private static final Pattern GPUS = Pattern.compile("gpu:\\d{1,3}(,\\d{1,3})*");

  /** Checks that the numbers fit the kind. */
  public Device {
    Objects.requireNonNull(kind, "kind");
    gpus = List.copyOf(gpus);
    if (gpus.isEmpty() != (kind != Kind.GPU)) {
      throw new IllegalArgumentException("gpus (" + gpus + ") do not fit " + kind);
    }
    if (new HashSet<>(gpus).size() < gpus.size() || gpus.stream().anyMatch(gpu -> gpu < 0)) {
      throw new IllegalArgumentException(
          "gpus (" + gpus + ") must be numbers from 0, each of them once");
    }
  }

  /**
   * Reads a device as users write it.
   *
   * @param text {@code auto}, {@code cpu}, {@code gpu}, which is the first, {@code gpu:N}, or
   *     several GPUs, {@code gpu:N,M}
   * @return the device
   * @throws IllegalArgumentException if it is none of these
   */
  public static Device parse(String text) {
    if (GPUS.matcher(text).matches()) {
      String[] numbers = text.substring("gpu:".length()).split(",");
      return new Device(Kind.GPU, Stream.of(numbers).map(Integer::valueOf).toList());
    }
    return switch (text) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      case "gpu" -> new Device(Kind.GPU, List.of(0));
      default ->
          throw new IllegalArgumentException(
              "unknown device '" + text + "': expected auto, cpu, gpu, gpu:N or gpu:N,M");
    };
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (kind) {
      case AUTO -> "auto";
      case CPU -> "cpu";
      case GPU -> "gpu:" + gpus.stream().map(String::valueOf).collect(Collectors.joining(","));
    };
  }
}
