package io.github.lenet.training;

import io.github.lenet.training.SharedLibraries.Search;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What TensorFlow's GPU natives need on a machine beside themselves, and what of it is there.
 *
 * <p>TensorFlow 2.18 opens the driver and seven libraries by name and takes no GPU at all if one of
 * them can't be opened; its message for that names none of them, and another one blames the driver
 * ("Could not find cuda drivers") where the CUDA runtime is missing. The others in this list are
 * what those seven open or link in turn. {@code docs/gpu.md} says how that was found out.
 */
public final class CudaLibraries {

  /** Of the kernel module; there is none in WSL 2. */
  private static final Path DRIVER_VERSION = Path.of("/proc/driver/nvidia/version");

  private static final String DRIVER = "NVIDIA driver";
  private static final String DRIVER_LIBRARY = "libcuda.so.1";

  /** Of any CUDA 12.x, by NVIDIA's "CUDA Minor Version Compatibility" (525) and release notes. */
  private static final String OLDEST_DRIVER = "525.60.13";

  /** What TensorFlow 2.18 was compiled for: cuDNN must have this major, and no older minor. */
  private static final String OLDEST_CUDNN = "9.3";

  private static final Pattern DRIVER_NUMBER =
      Pattern.compile("(?<![\\w.])\\d{3,}\\.\\d+(?:\\.\\d+)?(?![\\w.])");
  private static final Pattern FILE_VERSION = Pattern.compile(".*\\.so\\.(\\d+(?:\\.\\d+)+)");

  /** The libraries, each after those that it needs. */
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

    /** The name that programs ask the loader for. */
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
      return isOfCudnn() ? "cuDNN " + OLDEST_CUDNN + " or a newer 9" : "that of CUDA 12";
    }

    private String remedy() {
      String packageName = isOfCudnn() ? "libcudnn9-cuda-12" : "cuda-libraries-12-6";
      return "Install it (NVIDIA's package " + packageName + "), or build with -Pcuda-redist";
    }
  }

  /**
   * What was found out about one library.
   *
   * @param name what it is: {@code cuDNN}
   * @param file the name that TensorFlow asks for: {@code libcudnn.so.9}
   * @param path where it is, usable or not; empty if it is nowhere
   * @param version as far as it can be told without loading it
   * @param problem why it can't be used and what to do, in sentences without the last full stop;
   *     empty if it can
   */
  public record Finding(
      String name,
      String file,
      Optional<Path> path,
      Optional<String> version,
      Optional<String> problem) {

    /** Checks that nothing is null. */
    public Finding {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(problem, "problem");
    }

    /**
     * Whether TensorFlow can use it.
     *
     * @return false if there is a problem
     */
    public boolean isUsable() {
      return problem.isEmpty();
    }

    /** The problem, or the version and the place. */
    @Override
    public String toString() {
      String where = path.map(Path::toString).orElse(file);
      return problem.orElseGet(() -> version.map(number -> number + ", ").orElse("") + where);
    }
  }

  private final SharedLibraries libraries;
  private final Path driverVersion;

  CudaLibraries(SharedLibraries libraries, Path driverVersion) {
    this.libraries = libraries;
    this.driverVersion = driverVersion;
  }

  /**
   * Those of this process. What {@link TensorFlowRuntime#prepare} has loaded counts as there.
   *
   * @return where to ask
   */
  public static CudaLibraries ofThisProcess() {
    return new CudaLibraries(SharedLibraries.ofThisProcess(), DRIVER_VERSION);
  }

  /**
   * Looks for the driver: the library that programs load, and the kernel module's version.
   *
   * @return what was found
   */
  public Finding driver() {
    Optional<String> version = driverNumber();
    Search search = libraries.find(DRIVER_LIBRARY);
    if (search instanceof Search.Found found) {
      Optional<String> problem =
          version
              .filter(number -> isOlder(number, OLDEST_DRIVER))
              .map(
                  number ->
                      "%s: too old: expected %s or newer, found %s. Install a newer one"
                          .formatted(DRIVER, OLDEST_DRIVER, number));
      return new Finding(DRIVER, DRIVER_LIBRARY, Optional.of(found.path()), version, problem);
    }
    String missing =
        version
            .map(
                number ->
                    ("%s: the kernel's part (%s) is loaded, the programs' is missing. Install the driver's"
                            + " libcuda1 or libnvidia-compute package; start a container with --gpus all")
                        .formatted(DRIVER_LIBRARY, number))
            .orElse(
                "%s: missing: expected an %s, %s or newer, found none. Install one"
                    .formatted(DRIVER_LIBRARY, DRIVER, OLDEST_DRIVER));
    String why =
        search instanceof Search.Missing
            ? missing
            : problem(DRIVER_LIBRARY, search, "the driver's", "Install the driver anew");
    return new Finding(DRIVER, DRIVER_LIBRARY, path(search), version, Optional.of(why));
  }

  /** The kernel module's, in the first of its lines: "… Kernel Module 550.54.14 Thu Feb 22 …". */
  private Optional<String> driverNumber() {
    try {
      Matcher number = DRIVER_NUMBER.matcher(Files.readString(driverVersion));
      return number.find() ? Optional.of(number.group()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Looks for all of it; not for what does not matter yet, where there is no driver, or no cuDNN of
   * which there could be parts.
   *
   * @return one finding each, the driver first
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
    Search search = libraries.find(library.file);
    Optional<String> version = path(search).flatMap(CudaLibraries::fileVersion);
    Optional<String> problem;
    if (search instanceof Search.Found found) {
      problem =
          version
              .filter(number -> library.isOfCudnn() && isOlder(number, OLDEST_CUDNN))
              .map(
                  number ->
                      "%s: too old: expected %s, found %s (%s). %s"
                          .formatted(
                              library.file,
                              library.wanted(),
                              number,
                              found.path(),
                              library.remedy()));
    } else {
      problem = Optional.of(problem(library.file, search, library.wanted(), library.remedy()));
    }
    return new Finding(library.title, library.file, path(search), version, problem);
  }

  /**
   * Why TensorFlow can't use a GPU here, as far as libraries are the reason.
   *
   * @return all that are missing, in one sentence without a full stop; empty if they are all there
   */
  Optional<String> obstacle() {
    List<Finding> problems = all().stream().filter(finding -> !finding.isUsable()).toList();
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    if (problems.size() == 1) {
      return problems.get(0).problem();
    }
    return Optional.of(
        "%d libraries can't be used: %s; ./lenet doctor says why and what to do"
            .formatted(
                problems.size(), String.join(", ", problems.stream().map(Finding::file).toList())));
  }

  private static String problem(String file, Search search, String wanted, String remedy) {
    if (search instanceof Search.Defect defect) {
      return "%s: cannot be loaded: expected %s, found that %s %s. %s"
          .formatted(file, wanted, defect.path(), defect.what(), remedy);
    }
    if (search instanceof Search.Elsewhere elsewhere) {
      return "%s: not where the loader looks: found %s. Set LD_LIBRARY_PATH=%s"
          .formatted(file, elsewhere.path(), elsewhere.path().getParent());
    }
    if (search instanceof Search.OtherVersion other) {
      return "%s: another version: expected %s, found %s. %s"
          .formatted(file, wanted, other.path(), remedy);
    }
    return "%s: missing: expected %s, found none. %s".formatted(file, wanted, remedy);
  }

  private static Optional<Path> path(Search search) {
    if (search instanceof Search.Found found) {
      return Optional.of(found.path());
    }
    if (search instanceof Search.Defect defect) {
      return Optional.of(defect.path());
    }
    if (search instanceof Search.Elsewhere elsewhere) {
      return Optional.of(elsewhere.path());
    }
    return search instanceof Search.OtherVersion other
        ? Optional.of(other.path())
        : Optional.empty();
  }

  /** Libraries are links to files that have the whole version in their name. */
  private static Optional<String> fileVersion(Path library) {
    try {
      Matcher version = FILE_VERSION.matcher(library.toRealPath().getFileName().toString());
      return version.matches() ? Optional.of(version.group(1)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Part by part; a part that is missing counts as 0. */
  static boolean isOlder(String version, String than) {
    return Arrays.compare(parts(version), parts(than)) < 0;
  }

  private static int[] parts(String version) {
    int[] parts = new int[4];
    String[] numbers = version.split("\\.");
    for (int i = 0; i < Math.min(parts.length, numbers.length); i++) {
      parts[i] = Integer.parseInt(numbers[i]);
    }
    return parts;
  }
}
