package io.github.lenet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The processor, as Linux describes it.
 *
 * @param name the model name; empty if it is not known
 * @param vectorUnits the units that affect TensorFlow's speed; empty if they are not known
 */
record Processor(String name, List<String> vectorUnits) {

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** Vector units of x86-64, then of Arm. */
  private static final List<String> RELEVANT =
      List.of(
          "avx2",
          "fma",
          "avx512f",
          "avx512_vnni",
          "avx512_bf16",
          "amx_tile",
          "asimd",
          "asimddp",
          "sve",
          "i8mm",
          "bf16");

  Processor {
    Objects.requireNonNull(name, "name");
    vectorUnits = List.copyOf(vectorUnits);
  }

  static Processor ofThisMachine() {
    try {
      return parse(Files.readAllLines(CPUINFO));
    } catch (IOException e) { // not Linux, or a sandbox: the processor is unknown
      return new Processor("", List.of());
    }
  }

  /** Reads the first processor's block. */
  static Processor parse(List<String> lines) {
    Map<String, String> block = new LinkedHashMap<>();
    for (String line : lines) {
      String[] entry = line.split(":", 2);
      if (entry.length == 2) {
        block.putIfAbsent(entry[0].strip(), entry[1].strip());
      }
    }
    String flags = block.getOrDefault("flags", block.getOrDefault("Features", ""));
    List<String> found = new ArrayList<>(RELEVANT);
    found.retainAll(List.of(flags.split("\\s+")));
    return new Processor(block.getOrDefault("model name", ""), found);
  }
}
