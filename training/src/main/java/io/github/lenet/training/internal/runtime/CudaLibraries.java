package io.github.lenet.training.internal.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks which libraries TensorFlow's GPU natives find on a machine. It asks the dynamic loader for
 * each library, as TensorFlow does.
 *
 * <p>TensorFlow 2.18 opens the driver and seven libraries by name. If one of them can't be opened,
 * it uses no GPU at all. Its message for that names none of them. Another message blames the driver
 * ("Could not find cuda drivers") if the CUDA runtime is missing. The others in this list are
 * opened or linked by those seven. {@code docs/gpu.md} says how that was found out.
 */
public final class CudaLibraries {

  /** The kernel module's version; the file is missing in WSL 2. */
  private static final Path DRIVER_VERSION = Path.of("/proc/driver/nvidia/version");

  private static final String DRIVER = "NVIDIA driver";
  private static final String DRIVER_LIBRARY = "libcuda.so.1";

  /** CUDA 12.0: its driver supports any 12.x, by NVIDIA's "CUDA Minor Version Compatibility". */
  private static final int OLDEST_CUDA = 12_000;

  /** TensorFlow 2.18 was compiled for cuDNN 9.3, and rejects an older minor version. */
  private static final int OLDEST_CUDNN = 90_300;

  private static final Pattern DRIVER_NUMBER =
      Pattern.compile("(?<![\\w.])\\d{3,}\\.\\d+(?:\\.\\d+)?(?![\\w.])");

  /** The libraries, each after its dependencies. */
  enum Library {
    CUDART("CUDA runtime", "libcudart.so.12"),
    NVJITLINK("nvJitLink", "libnvJitLink.so.12"),
    CUBLAS_LT("cuBLASLt", "libcublasLt.so.12"),
    CUBLAS("cuBLAS", "libcublas.so.12"),
    CUFFT("cuFFT", "libcufft.so.11"),
    CUSPARSE("cuSPARSE", "libcusparse.so.12"),
    CUSOLVER("cuSOLVER", "libcusolver.so.11"),
    CUDNN("cuDNN", "libcudnn.so.9"),
    CUDNN_GRAPH("cuDNN graph", "libcudnn_graph.so.9"),
    CUDNN_OPS("cuDNN ops", "libcudnn_ops.so.9"),
    CUDNN_CNN("cuDNN cnn", "libcudnn_cnn.so.9"),
    CUDNN_ADV("cuDNN adv", "libcudnn_adv.so.9"),
    CUDNN_PRECOMPILED("cuDNN precompiled", "libcudnn_engines_precompiled.so.9"),
    CUDNN_RUNTIME_COMPILED("cuDNN runtime", "libcudnn_engines_runtime_compiled.so.9"),
    CUDNN_HEURISTIC("cuDNN heuristic", "libcudnn_heuristic.so.9");

    private final String title;
    private final String file;

    Library(String title, String file) {
      this.title = title;
      this.file = file;
    }

    /** {@return the file name that programs ask the loader for} */
    String file() {
      return file;
    }

    private boolean isOfCudnn() {
      return compareTo(CUDNN) >= 0;
    }

    private boolean isPartOfCudnn() {
      return compareTo(CUDNN) > 0;
    }

    private String wanted() {
      return isOfCudnn() ? "cuDNN 9.3 or a newer 9" : "that of CUDA 12";
    }

    private String remedy() {
      String packageName = isOfCudnn() ? "libcudnn9-cuda-12" : "cuda-libraries-12-6";
      return "Install it (NVIDIA's package "
          + packageName
          + "), set LD_LIBRARY_PATH to where it is, or build with -Pcuda-redist";
    }
  }

  /**
   * The result of checking one library.
   *
   * @param name name of the library: {@code cuDNN}
   * @param file file name that TensorFlow asks for: {@code libcudnn.so.9}
   * @param version version of the driver and of cuDNN, if it is known
   * @param problem the reason why it is unusable and the remedy, in sentences without the last full
   *     stop; empty if it is usable
   */
  public record Finding(
      String name, String file, Optional<String> version, Optional<String> problem) {

    /** Checks that nothing is null. */
    public Finding {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(problem, "problem");
    }

    /** {@return whether TensorFlow can use the library} */
    public boolean isUsable() {
      return problem.isEmpty();
    }

    /** {@return the problem, or the version and the file} */
    @Override
    public String toString() {
      return problem.orElseGet(() -> version.map(number -> number + ", ").orElse("") + file);
    }
  }

  private final CudaLoader loader;
  private final Path driverVersion;

  CudaLibraries(CudaLoader loader, Path driverVersion) {
    this.loader = loader;
    this.driverVersion = driverVersion;
  }

  /**
   * Creates a check of this process. Libraries that {@link TensorFlowRuntime#prepare} has loaded
   * count.
   *
   * @return the check
   */
  public static CudaLibraries ofThisProcess() {
    return new CudaLibraries(new CudaLoader.OfThisProcess(), DRIVER_VERSION);
  }

  /**
   * Checks the driver: the library that programs load, and the kernel module's version.
   *
   * @return the finding
   */
  public Finding driver() {
    Optional<String> version = driverNumber();
    return new Finding(DRIVER, DRIVER_LIBRARY, version, driverProblem(version));
  }

  private Optional<String> driverProblem(Optional<String> version) {
    Optional<String> error = loader.open(DRIVER_LIBRARY);
    if (error.isPresent() && isMissing(DRIVER_LIBRARY, error.get())) {
      return Optional.of(
          version
              .map(
                  number ->
                      ("%s: missing: the kernel's part of the driver (%s) is loaded. Install its"
                              + " libcuda1 or libnvidia-compute package; start a container with"
                              + " --gpus all")
                          .formatted(DRIVER_LIBRARY, number))
              .orElse(
                  "%s: missing: expected an %s for CUDA 12, found none. Install one"
                      .formatted(DRIVER_LIBRARY, DRIVER)));
    }
    if (error.isPresent()) {
      return Optional.of(
          "%s: cannot be loaded: %s. Install the driver anew"
              .formatted(DRIVER_LIBRARY, error.get()));
    }
    OptionalInt cuda = loader.driverCudaVersion();
    if (cuda.isPresent() && cuda.getAsInt() < OLDEST_CUDA) {
      return Optional.of(
          "%s: too old: expected one for CUDA 12.0 or newer, found %sfor CUDA %s.%s. Install a newer one"
              .formatted(
                  DRIVER,
                  version.map(number -> number + " ").orElse("one "),
                  cuda.getAsInt() / 1000,
                  cuda.getAsInt() % 1000 / 10));
    }
    return Optional.empty();
  }

  /**
   * Reads the kernel module's version, in the first line: "… Kernel Module 550.54.14 Thu Feb 22 …".
   */
  private Optional<String> driverNumber() {
    try {
      Matcher number = DRIVER_NUMBER.matcher(Files.readString(driverVersion));
      return number.find() ? Optional.of(number.group()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Checks all libraries. Without a driver, it skips all others; without cuDNN, it skips cuDNN's
   * parts.
   *
   * @return one finding per library, the driver first
   */
  public List<Finding> all() {
    List<Finding> all = new ArrayList<>();
    all.add(driver());
    for (Library library : Library.values()) {
      boolean matters =
          library.isPartOfCudnn() ? isUsable(all, Library.CUDNN) : all.get(0).isUsable();
      if (matters) {
        all.add(find(library));
      }
    }
    return List.copyOf(all);
  }

  private static boolean isUsable(List<Finding> findings, Library library) {
    return findings.stream()
        .anyMatch(finding -> finding.file().equals(library.file) && finding.isUsable());
  }

  private Finding find(Library library) {
    Optional<String> error = loader.open(library.file);
    if (error.isPresent()) {
      String found =
          isMissing(library.file, error.get())
              ? "missing: expected %s, found none".formatted(library.wanted())
              : "cannot be loaded: " + error.get();
      return new Finding(
          library.title,
          library.file,
          Optional.empty(),
          Optional.of("%s: %s. %s".formatted(library.file, found, library.remedy())));
    }
    OptionalInt number = library == Library.CUDNN ? loader.cudnnVersion() : OptionalInt.empty();
    if (number.isEmpty()) {
      return new Finding(library.title, library.file, Optional.empty(), Optional.empty());
    }
    int cudnn = number.getAsInt();
    String version = "%s.%s.%s".formatted(cudnn / 10_000, cudnn / 100 % 100, cudnn % 100);
    Optional<String> problem =
        cudnn >= OLDEST_CUDNN
            ? Optional.empty()
            : Optional.of(
                "%s: too old: expected %s, found %s. %s"
                    .formatted(library.file, library.wanted(), version, library.remedy()));
    return new Finding(library.title, library.file, Optional.of(version), problem);
  }

  /** Returns whether glibc's error is about the file itself, not about one of its dependencies. */
  private static boolean isMissing(String file, String error) {
    return error.startsWith(file + ": ") && error.contains("No such file");
  }

  /**
   * Returns the reason why TensorFlow can't use a GPU here, as far as libraries are the reason.
   *
   * @return all unusable libraries, in one sentence without a full stop; empty if all are usable
   */
  public Optional<String> obstacle() {
    List<Finding> problems = all().stream().filter(finding -> !finding.isUsable()).toList();
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    if (problems.size() == 1) {
      return problems.get(0).problem();
    }
    return Optional.of(
        "%s libraries can't be used: %s"
            .formatted(
                problems.size(), String.join(", ", problems.stream().map(Finding::file).toList())));
  }
}
