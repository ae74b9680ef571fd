package io.github.lenet.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/**
 * What a process holds, as Linux tells it in {@code /proc}.
 *
 * @param residentBytes of memory
 * @param threads Java's and others
 * @param openFiles connections included
 */
public record ProcessResources(long residentBytes, long threads, long openFiles) {

  /**
   * Options for a Java whose own memory does not grow: a heap that has its final size from the
   * start, and a compiler without the optimising half, which takes tens of megabytes for a while.
   */
  public static List<String> optionsForAConstantJava(int heapMegabytes) {
    return List.of(
        "-Xms" + heapMegabytes + "m",
        "-Xmx" + heapMegabytes + "m",
        "-XX:+AlwaysPreTouch",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1");
  }

  /** As it is now. */
  public static ProcessResources of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    return new ProcessResources(
        status(process, "VmRSS:") * 1024,
        status(process, "Threads:"),
        count(process.resolve("fd")));
  }

  /** This process's; where there is no {@code /proc}, only its memory is known. */
  public static ProcessResources current() throws IOException {
    return Files.exists(Path.of("/proc/self/status"))
        ? of(ProcessHandle.current().pid())
        : new ProcessResources(Pointer.physicalBytes(), 0, 0);
  }

  /**
   * By how much a process grows from one of these to the next: the medians, since what leaks grows
   * in every stretch, and what warms up in a few, however late and by however much.
   *
   * @param ends of stretches of equal length
   */
  public static ProcessResources medianGrowth(List<ProcessResources> ends) {
    return new ProcessResources(
        medianGrowth(ends, ProcessResources::residentBytes),
        medianGrowth(ends, ProcessResources::threads),
        medianGrowth(ends, ProcessResources::openFiles));
  }

  private static long medianGrowth(
      List<ProcessResources> ends, ToLongFunction<ProcessResources> figure) {
    long[] growths =
        IntStream.range(1, ends.size())
            .mapToLong(i -> figure.applyAsLong(ends.get(i)) - figure.applyAsLong(ends.get(i - 1)))
            .sorted()
            .toArray();
    return growths[growths.length / 2];
  }

  private static long status(Path process, String name) throws IOException {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    }
  }
}
