package io.github.lenet.training.device;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A requested device; {@link DeviceSelection} is the resolved one.
 *
 * @param name {@code auto}, {@code cpu}, {@code gpu:0}, {@code gpu:1} and so on
 */
public record Device(String name) {

  private static final Pattern NAME = Pattern.compile("auto|cpu|gpu:(\\d{1,3})");

  /** The first GPU if it is usable, else the CPU: the chapter's {@code try_gpu}. */
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
   * Requests one GPU, without falling back to the CPU.
   *
   * @param number number of the GPU, from 0 to 999
   * @return the device
   */
  public static Device gpu(int number) {
    return new Device("gpu:" + number);
  }

  /**
   * Parses a device name.
   *
   * @param text {@code auto}, {@code cpu}, {@code gpu} for the first GPU, or {@code gpu:N}
   * @return the device
   * @throws IllegalArgumentException for any other text
   */
  public static Device parse(String text) {
    return text.equals("gpu") ? gpu(0) : new Device(text);
  }

  /** {@return the number of the requested GPU; empty for {@code auto} and {@code cpu}} */
  OptionalInt gpu() {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && matcher.group(1) != null
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** {@return the name, as {@link #parse} reads it} */
  @Override
  public String toString() {
    return name;
  }
}
