package io.github.lenet.training.device;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The device that a user asks for; {@link DeviceSelection} is the one that was found.
 *
 * @param name {@code auto}, {@code cpu}, {@code gpu:0}, {@code gpu:1} and so on
 */
public record Device(String name) {

  private static final Pattern NAME = Pattern.compile("auto|cpu|gpu:(\\d{1,3})");

  /** The first GPU if there is a usable one, else the CPU: the chapter's {@code try_gpu}. */
  public static final Device AUTO = new Device("auto");

  /** The CPU; no GPU is touched. */
  public static final Device CPU = new Device("cpu");

  /** Checks the name. */
  public Device {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "unknown device '" + name + "': expected auto, cpu, gpu or gpu:N");
    }
  }

  /**
   * A certain GPU, and nothing else.
   *
   * @param number from 0 to 999
   * @return the device
   */
  public static Device gpu(int number) {
    return new Device("gpu:" + number);
  }

  /**
   * Reads a device as users write it.
   *
   * @param text {@code auto}, {@code cpu}, {@code gpu}, which is the first, or {@code gpu:N}
   * @return the device
   * @throws IllegalArgumentException if it is none of these
   */
  public static Device parse(String text) {
    return text.equals("gpu") ? gpu(0) : new Device(text);
  }

  /** The number of the GPU; empty if no certain one is asked for. */
  OptionalInt gpu() {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && matcher.group(1) != null
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return name;
  }
}
