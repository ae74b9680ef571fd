package io.github.lenet.training.internal.runtime;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import io.github.lenet.data.internal.HomeDirectory;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;

/**
 * Prepares a process that belongs to this project (the command line, {@code TrainLeNet}) for
 * TensorFlow. Only such a process calls {@link #prepare}: a library must not do this to the
 * application that embeds it.
 */
public final class TensorFlowRuntime {

  private static final String GPU_NATIVES =
      "/org/tensorflow/internal/c_api/linux-x86_64-gpu/libtensorflow_cc.so.2";

  /** Whether {@link #prepare} was called, or the log has mentioned oneDNN. */
  private static final AtomicBoolean ONEDNN_SETTLED = new AtomicBoolean();

  private static volatile boolean environmentIsSet;

  private TensorFlowRuntime() {}

  /** Logs, once in an unprepared process, that oneDNN may be off. */
  public static void noteMissingOneDnn() {
    if (!System.getenv().containsKey("TF_ENABLE_ONEDNN_OPTS")
        && ONEDNN_SETTLED.compareAndSet(false, true)) {
      System.getLogger(TensorFlowRuntime.class.getName())
          .log(
              System.Logger.Level.INFO,
              "TF_ENABLE_ONEDNN_OPTS is not set. Set it to 1 in the environment for faster training:"
                  + " without it TensorFlow leaves oneDNN off on processors without AVX-512 VNNI");
    }
  }

  /**
   * Sets the options that TensorFlow reads once, when its native library is loaded. Then loads it
   * to mute its first messages, except on Windows, without JNA, or if the user has chosen log level
   * 0. Environment variables that the user has set stay. Call it before any TensorFlow class is
   * used.
   *
   * <ul>
   *   <li>{@code TF_CPP_MIN_LOG_LEVEL=2}: only errors are logged;
   *   <li>{@code TF_ENABLE_ONEDNN_OPTS=1}: oneDNN's kernels are on; TensorFlow leaves them off on
   *       processors without AVX-512 VNNI;
   *   <li>{@code TF_OVERRIDE_GLOBAL_THREADPOOL=1}: each session has its own threads, not those of
   *       the first session;
   *   <li>{@code org.bytedeco.javacpp.maxPhysicalBytes=0}: JavaCPP does not ask the operating
   *       system for the process's size at every native allocation, many times a step. It would
   *       only use it to run the garbage collector for unclosed objects;
   *   <li>GPU natives are used if they are on the class path. CUDA's libraries are loaded if they
   *       are there as well and there is a driver.
   * </ul>
   *
   * @throws LinkageError if TensorFlow's native library can't be loaded; later errors say less
   */
  public static void prepare() {
    ONEDNN_SETTLED.set(true);
    HomeDirectory.settle(); // for the caches of JavaCPP and JNA
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    if (hasGpuNatives()) {
      System.setProperty("org.bytedeco.javacpp.platform.extension", "-gpu");
      CudaRedist.load();
    }
    if (Platform.isWindows()) {
      return; // the launcher sets the environment there; the C library has its own copy
    }
    try {
      setEnvironment("TF_ENABLE_ONEDNN_OPTS", "1");
      setEnvironment("TF_OVERRIDE_GLOBAL_THREADPOOL", "1");
      setEnvironment("TF_CPP_MIN_LOG_LEVEL", "2");
      environmentIsSet = true;
    } catch (LinkageError e) {
      System.getLogger(TensorFlowRuntime.class.getName())
          .log(System.Logger.Level.DEBUG, "without JNA TensorFlow is slower and logs more", e);
      return;
    }
    if (!System.getenv().getOrDefault("TF_CPP_MIN_LOG_LEVEL", "2").equals("0")) {
      muteFirstSession();
    }
  }

  /**
   * Returns TensorFlow's first error in one line, without its place in the graph.
   *
   * @param failure any exception. TensorFlow's message may have several errors: the first line
   *     counts them, and the lines after it number them.
   * @return the first error; empty if the message is
   */
  public static String firstError(Throwable failure) {
    return Objects.toString(failure.getMessage(), "")
        .strip()
        .lines()
        .filter(line -> !line.matches("\\d+ root error\\(s\\) found\\."))
        .findFirst()
        .map(line -> line.replaceFirst("^\\s*\\(0\\) [A-Z_]+: ", ""))
        .orElse("");
  }

  /** {@return whether {@link #prepare} could set TensorFlow's options; JNA may not load} */
  public static boolean isEnvironmentSet() {
    return environmentIsSet;
  }

  /** {@return whether the class path has TensorFlow's GPU natives; loads nothing} */
  public static boolean hasGpuNatives() {
    return TensorFlowRuntime.class.getResource(GPU_NATIVES) != null;
  }

  /**
   * Sets a variable for the process's native code, unless it is set; {@code System.getenv} does not
   * change.
   */
  private static void setEnvironment(String name, String value) {
    c("setenv", name, value, 0);
  }

  /**
   * Hides messages that TensorFlow writes once, while it is loaded and while it prepares its first
   * graph. Some go through a private copy of abseil's logging, which reads no setting
   * (https://github.com/tensorflow/tensorflow/issues/100442). Failures still throw an exception.
   */
  private static void muteFirstSession() {
    int stderr = 2;
    int writeOnly = 1;
    int saved = c("dup", stderr);
    int nowhere = c("open", "/dev/null", writeOnly);
    c("dup2", nowhere, stderr);
    try (Graph graph = new Graph();
        Session session =
            new Session(graph, ConfigProto.newBuilder().putDeviceCount("GPU", 0).build())) {
      session.runner().fetch(Ops.create(graph).constant(0f)).run().close();
    } finally {
      c("dup2", saved, stderr);
      c("close", saved);
      c("close", nowhere);
    }
  }

  private static int c(String function, Object... arguments) {
    return Function.getFunction("c", function).invokeInt(arguments);
  }
}
