package io.github.lenet.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds, as Linux tells it in {@code /proc}.
 *
 * @param residentBytes of memory
 * @param threads Java's and others
 * @param openFiles connections included
 */
public record ProcessResources(long residentBytes, long threads, long openFiles) {

  /** As it is now. */
  public static ProcessResources of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    return new ProcessResources(
        status(process, "VmRSS:") * 1024,
        status(process, "Threads:"),
        count(process.resolve("fd")));
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
