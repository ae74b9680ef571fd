package io.github.lenet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command line in a process of its own, with an empty cache, in a directory of its own. Its
 * output goes to files, which can be read while it runs.
 */
final class ChildJvm {

  private static final long PATIENCE_SECONDS = 120;

  private final Path directory;
  private final List<String> options = new ArrayList<>();
  private String classPath = System.getProperty("java.class.path");
  private Path cache;
  private Process process;

  ChildJvm(Path directory) {
    this.directory = directory;
    cache = directory.resolve("cache");
  }

  /** Adds an option for Java. */
  ChildJvm withOption(String option) {
    options.add(option);
    return this;
  }

  ChildJvm withClassPath(String classPath) {
    this.classPath = classPath;
    return this;
  }

  ChildJvm withCache(Path cache) {
    this.cache = cache;
    return this;
  }

  /** Starts it, and does not wait. */
  Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Dfile.encoding=UTF-8");
    command.add("-cp");
    command.add(classPath);
    command.add(Lenet.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    // As for a user: the build has settings of its own for the tests' JVM.
    builder.environment().keySet().removeIf(name -> name.startsWith("TF_"));
    builder.environment().put("LENET_CACHE", cache.toString());
    builder.redirectOutput(out().toFile()).redirectError(err().toFile());
    process = builder.start();
    return process;
  }

  /** Runs it to its end. */
  Cli run(String... arguments) throws IOException, InterruptedException {
    start(arguments);
    return await();
  }

  /** Waits for its end. */
  Cli await() throws IOException, InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after %d s".formatted(PATIENCE_SECONDS));
    }
    return new Cli(process.exitValue(), read(out()), read(err()));
  }

  /** What it has printed so far. */
  String outSoFar() throws IOException {
    return read(out());
  }

  /** What it has said on standard error so far. */
  String errSoFar() throws IOException {
    return read(err());
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private Path out() {
    return directory.resolve("stdout.txt");
  }

  private Path err() {
    return directory.resolve("stderr.txt");
  }
}
