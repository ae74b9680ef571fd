package io.github.lenet.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Java in a process of its own. */
public final class ChildJvm {

  private static final long PATIENCE_MINUTES = 10;

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private Process process;

  /** Its output goes to this directory. */
  public ChildJvm(Path directory) {
    this.directory = directory;
  }

  /** Sets a variable of its environment, beside those of this process. */
  public ChildJvm withEnvironment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Runs it to its end, and gives what it printed on standard output. */
  public String run(List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of(arguments));
    Path out = directory.resolve("stdout.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("stderr.txt").toFile());
    builder.environment().putAll(environment);
    process = builder.start();
    try {
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        throw new AssertionError("still running after %s minutes".formatted(PATIENCE_MINUTES));
      }
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(out);
  }

  public int exitValue() {
    return process.exitValue();
  }

  public String errors() throws IOException {
    return Files.readString(directory.resolve("stderr.txt"));
  }
}
