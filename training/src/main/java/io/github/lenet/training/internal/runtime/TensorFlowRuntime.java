package io.github.lenet.training.internal.runtime;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;

/**
 * Prepares a process that belongs to this project (the command line, {@code TrainLeNet}) for
 * TensorFlow. A library must not do this to the application that embeds it, hence nobody else calls
 * it.
 */
public final class TensorFlowRuntime {

  private static final String GPU_NATIVES =
      "/org/tensorflow/internal/c_api/linux-x86_64-gpu/libtensorflow_cc.so.2";

  /** Whether oneDNN was spoken of: by {@link #prepare}, or in the log. */
  private static final AtomicBoolean ONEDNN_SETTLED = new AtomicBoolean();

  private TensorFlowRuntime() {}

  /** Says once in a process that was not prepared what it may be missing. */
  public static void noteMissingOneDnn() {
    if (!System.getenv().containsKey("TF_ENABLE_ONEDNN_OPTS")
        && ONEDNN_SETTLED.compareAndSet(false, true)) {
      System.getLogger(TensorFlowRuntime.class.getName())
          .log(
              System.Logger.Level.INFO,
              "TF_ENABLE_ONEDNN_OPTS is not set: on processors without AVX-512 VNNI TensorFlow leaves"
                  + " oneDNN's kernels off, and training is slower; 1 in the environment switches them on");
    }
  }

  /**
   * Sets what TensorFlow reads once, when its native library is loaded, then loads it. What the
   * user has set in the environment stays. Call it before any TensorFlow class is touched.
   *
   * <ul>
   *   <li>{@code TF_CPP_MIN_LOG_LEVEL=2}: only errors are logged;
   *   <li>{@code TF_ENABLE_ONEDNN_OPTS=1}: oneDNN's kernels, which TensorFlow leaves off on
   *       processors without AVX-512 VNNI;
   *   <li>{@code TF_OVERRIDE_GLOBAL_THREADPOOL=1}: each session has threads of its own, not those
   *       that the first one asked for;
   *   <li>{@code org.bytedeco.javacpp.maxPhysicalBytes=0}: JavaCPP does not ask the operating
   *       system for the process's size whenever something native is made, many times a step. It
   *       would only do so to run the garbage collector for what nobody closed;
   *   <li>the natives for GPUs, where those are on the class path, and CUDA's libraries, where
   *       those are as well and there is a driver.
   * </ul>
   *
   * @throws LinkageError if TensorFlow's native library can't be loaded; later uses of it tell less
   */
  public static void prepare() {
    ONEDNN_SETTLED.set(true);
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    if (hasGpuNatives()) {
      System.setProperty("org.bytedeco.javacpp.platform.extension", "-gpu");
      CudaRedist.load();
    }
    if (Platform.isWindows()) {
      return; // the launcher sets the environment there, of which the C library has a copy
    }
    try {
      setEnvironment("TF_ENABLE_ONEDNN_OPTS", "1");
      setEnvironment("TF_OVERRIDE_GLOBAL_THREADPOOL", "1");
      setEnvironment("TF_CPP_MIN_LOG_LEVEL", "2");
    } catch (LinkageError e) {
      System.getLogger(TensorFlowRuntime.class.getName())
          .log(System.Logger.Level.DEBUG, "without JNA TensorFlow is slower and chattier", e);
      return;
    }
    if (!System.getenv().getOrDefault("TF_CPP_MIN_LOG_LEVEL", "2").equals("0")) {
      muteFirstSession();
    }
  }

  /**
   * What TensorFlow says went wrong, in a line; where in the graph it happened is in the others.
   *
   * @param failure any; TensorFlow's may have several errors of a run, counted in the first line
   *     and numbered in those after it, of which this is the first
   * @return may be empty, for lack of a message
   */
  public static String firstError(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .strip()
        .lines()
        .filter(line -> !line.matches("\\d+ root error\\(s\\) found\\."))
        .findFirst()
        .map(line -> line.replaceFirst("^\\s*\\(0\\) [A-Z_]+: ", ""))
        .orElse("");
  }

  /** {@return whether the class path has TensorFlow's natives for GPUs; loads nothing} */
  public static boolean hasGpuNatives() {
    return TensorFlowRuntime.class.getResource(GPU_NATIVES) != null;
  }

  /**
   * For the native code of this process, unless it is set; {@code System.getenv} does not change.
   */
  private static void setEnvironment(String name, String value) {
    c("setenv", name, value, 0);
  }

  /**
   * Gets the messages over with that TensorFlow writes once while it is loaded and while it
   * prepares its first graph: some go through a private copy of abseil's logging, which reads no
   * setting (https://github.com/tensorflow/tensorflow/issues/100442). What goes wrong here is an
   * exception.
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
