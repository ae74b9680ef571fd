package io.github.lenet.cli;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command line in a process of its own, with an empty cache, in a directory of its own. Its
 * output goes to files, which can be read while it runs. Closing kills it.
 */
public final class ChildJvm implements AutoCloseable {

  private static final long TIMEOUT_SECONDS = 120;
  private static final int SIGINT = 2;
  private static final int LARGER_THAN_A_SIGACTION = 1024;

  private final Path directory;
  private final List<String> options = new ArrayList<>();
  private String classPath = System.getProperty("java.class.path");
  private Path cache;
  private Process process;

  public ChildJvm(Path directory) {
    this.directory = directory;
    cache = directory.resolve("cache");
  }

  /** Adds an option for Java. */
  public ChildJvm withOption(String option) {
    options.add(option);
    return this;
  }

  public ChildJvm withClassPath(String classPath) {
    this.classPath = classPath;
    return this;
  }

  public ChildJvm withCache(Path cache) {
    this.cache = cache;
    return this;
  }

  /** Starts it, and does not wait. */
  public Process start(String... arguments) throws IOException {
    return start(Lenet.class, arguments);
  }

  /** Starts another main class. */
  public Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")); // starts sooner
    command.addAll(options);
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Dfile.encoding=UTF-8");
    for (String name : List.of("user.language", "user.country", "user.extensions")) {
      command.add("-D%s=%s".formatted(name, System.getProperty(name, "")));
    }
    command.add("-cp");
    command.add(classPath);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    // As for a user: the build has settings of its own for the tests' JVM.
    builder.environment().keySet().removeIf(name -> name.startsWith("TF_"));
    builder.environment().put("LENET_CACHE", cache.toString());
    builder.redirectOutput(out().toFile()).redirectError(err().toFile());
    process = startThatHearsInterrupts(builder);
    return process;
  }

  /**
   * A background job of a shell without job control ignores SIGINT, and so would its children, Java
   * among them. For the moment of the start this process has the default action, which a child
   * inherits.
   */
  private static Process startThatHearsInterrupts(ProcessBuilder builder) throws IOException {
    if (Platform.isWindows()) {
      return builder.start();
    }
    Function sigaction = Function.getFunction(Platform.C_LIBRARY_NAME, "sigaction");
    Function signal = Function.getFunction(Platform.C_LIBRARY_NAME, "signal");
    try (Memory before = new Memory(LARGER_THAN_A_SIGACTION)) {
      sigaction.invokeInt(new Object[] {SIGINT, null, before});
      signal.invokePointer(new Object[] {SIGINT, null}); // SIG_DFL is 0
      try {
        return builder.start();
      } finally {
        sigaction.invokeInt(new Object[] {SIGINT, before, null});
      }
    }
  }

  /** Runs it to its end. */
  public Cli run(String... arguments) throws IOException, InterruptedException {
    start(arguments);
    try {
      return await();
    } finally {
      kill();
    }
  }

  /** Waits for its end. */
  public Cli await() throws IOException, InterruptedException {
    return await(TIMEOUT_SECONDS);
  }

  /** Waits for its end, at most so long. */
  public Cli await(long seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after %d s: ".formatted(seconds) + output());
    }
    return output();
  }

  /** Something that is so sooner or later. */
  interface Condition {
    boolean isTrue() throws IOException;
  }

  /** Waits until this is so; the process must not end before. */
  public void await(Condition condition) throws IOException, InterruptedException {
    if (!awaitOrEnd(condition)) {
      throw new AssertionError("has ended: " + output());
    }
  }

  /** Waits until this is so, and says whether it is; it may not be when the process has ended. */
  public boolean awaitOrEnd(Condition condition) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (!condition.isTrue()) {
      if (!process.isAlive()) {
        return condition.isTrue();
      }
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS)) {
        throw new AssertionError("not after %d s: ".formatted(TIMEOUT_SECONDS) + output());
      }
      Thread.sleep(1);
    }
    return true;
  }

  /** Sends it a signal of Unix's, such as {@code INT}. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  /** Kills it without warning, if it runs. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }

  /** What it has printed so far. */
  public String outSoFar() throws IOException {
    return read(out());
  }

  /** What it has said on standard error so far. */
  public String errSoFar() throws IOException {
    return read(err());
  }

  private Cli output() throws IOException {
    return new Cli(process.isAlive() ? -1 : process.exitValue(), outSoFar(), errSoFar());
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
