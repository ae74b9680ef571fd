package io.github.lenet.training.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.internal.runtime.CudaLibraries.Finding;
import io.github.lenet.training.internal.runtime.CudaLibraries.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class CudaLibrariesTest {

  /** As the proprietary kernel module and the open one write it. */
  private static final String VERSION =
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  Thu Feb 22 01:44:30 UTC 2024%n"
          + "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)%n";

  private static final String OPEN_VERSION =
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  %s  Release Build  (dvs-builder)%n";

  @TempDir private Path machine;
  private final FakeCuda cuda = new FakeCuda();
  private Path driverVersion;

  @BeforeEach
  void loadKernelModule() throws IOException {
    driverVersion = machine.resolve("version");
    Files.writeString(driverVersion, VERSION.formatted("550.54.14"));
  }

  private CudaLibraries libraries() {
    return new CudaLibraries(cuda, driverVersion);
  }

  @Test
  void aMachineThatHasEverythingHasNoObstacle() {
    List<Finding> all = libraries().all();

    assertEquals(1 + Library.values().length, all.size());
    assertTrue(all.stream().allMatch(Finding::isUsable), all.toString());
    assertEquals(Optional.empty(), libraries().obstacle());
    assertEquals("550.54.14, libcuda.so.1", all.get(0).toString());
    assertEquals(Optional.of("9.5.1"), finding("libcudnn.so.9").version());
  }

  @Test
  void withoutADriverNothingElseMatters() throws Exception {
    Files.delete(driverVersion);
    cuda.without("libcuda.so.1");
    Finding driver = libraries().all().get(0);

    assertEquals(1, libraries().all().size());
    assertFalse(driver.isUsable());
    assertEquals(
        "libcuda.so.1: missing: expected an NVIDIA driver for CUDA 12, found none. Install one",
        driver.toString());
    assertEquals(driver.problem(), libraries().obstacle());
  }

  @Test
  void aContainerMayLackTheProgramsPartOfTheDriver() throws Exception {
    Files.writeString(driverVersion, OPEN_VERSION.formatted("560.35.03"));
    cuda.without("libcuda.so.1");

    String problem = libraries().driver().problem().orElseThrow();

    assertTrue(
        problem.startsWith("libcuda.so.1: missing: the kernel's part of the driver (560.35.03)"),
        problem);
    assertTrue(problem.contains("--gpus all"), problem);
  }

  /** WSL 2 has no kernel module. */
  @Test
  void aDriverOfUnknownVersionIsUsable() throws Exception {
    Files.delete(driverVersion);

    assertTrue(libraries().driver().isUsable());
    assertEquals(Optional.empty(), libraries().driver().version());
  }

  @Test
  void aDriverCanBeTooOld() throws Exception {
    Files.writeString(driverVersion, VERSION.formatted("470.256.02"));
    cuda.driver(11_040);

    assertEquals(
        Optional.of(
            "NVIDIA driver: too old: expected one for CUDA 12.0 or newer, found 470.256.02 for CUDA"
                + " 11.4. Install a newer one"),
        libraries().driver().problem());
    cuda.driver(12_000);
    assertTrue(libraries().driver().isUsable());
  }

  @Test
  void oneMissingLibraryIsNamedWithWhatToInstall() {
    cuda.without("libcudnn.so.9");

    assertEquals(
        Optional.of(
            "libcudnn.so.9: missing: expected cuDNN 9.3 or a newer 9, found none. Install it (NVIDIA's"
                + " package libcudnn9-cuda-12), set LD_LIBRARY_PATH to where it is, or build with"
                + " -Pcuda-redist"),
        libraries().obstacle());
    assertEquals("libcudnn.so.9", libraries().all().get(libraries().all().size() - 1).file());
  }

  /** TensorFlow opens {@code libcudnn.so.9}, which opens its parts at the first convolution. */
  @Test
  void cudnnMayBeThereInPart() {
    cuda.without("libcudnn_cnn.so.9");

    assertTrue(finding("libcudnn.so.9").isUsable());
    String obstacle = libraries().obstacle().orElseThrow();
    assertTrue(obstacle.startsWith("libcudnn_cnn.so.9: missing: "), obstacle);
  }

  @Test
  void severalMissingLibrariesAreAllNamed() {
    cuda.without("libcufft.so.11").without("libcusolver.so.11");

    assertEquals(
        Optional.of("2 libraries can't be used: libcufft.so.11, libcusolver.so.11"),
        libraries().obstacle());
  }

  @Test
  void whatCannotBeLoadedIsToldInTheLoadersWords() {
    cuda.failing("libcublas.so.12", "/usr/lib/libcublas.so.12: invalid ELF header");
    // One that it needs.
    String needed = "libnvJitLink.so.12: cannot open shared object file: No such file or directory";
    cuda.failing("libcusparse.so.12", needed);

    String cublas = finding("libcublas.so.12").problem().orElseThrow();
    assertTrue(
        cublas.startsWith(
            "libcublas.so.12: cannot be loaded: /usr/lib/libcublas.so.12: invalid ELF header. Install"),
        cublas);
    String cusparse = finding("libcusparse.so.12").problem().orElseThrow();
    assertTrue(
        cusparse.startsWith("libcusparse.so.12: cannot be loaded: " + needed + ". "), cusparse);
  }

  /** TensorFlow asks for cuDNN's major version, and for no older minor version than its own. */
  @Test
  void anOlderCudnnIsFoundOutBeforeTheFirstConvolution() {
    cuda.cudnn(90_100);

    String problem = finding("libcudnn.so.9").problem().orElseThrow();

    assertTrue(problem.startsWith("libcudnn.so.9: too old: expected cuDNN 9.3"), problem);
    assertTrue(problem.contains("found 9.1.0"), problem);
    cuda.cudnn(91_000);
    assertEquals(Optional.of("9.10.0"), finding("libcudnn.so.9").version());
  }

  /** With libraries that every Linux has, and one that none has. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void theLoaderOfThisProcessOpensLibrariesAndSaysWhyNot() {
    CudaLoader loader = new CudaLoader.OfThisProcess();

    assertEquals(Optional.empty(), loader.open("libc.so.6"));
    String error = loader.open("libnowhere.so.7").orElseThrow();
    assertTrue(error.startsWith("libnowhere.so.7: "), error);
    assertEquals(Optional.empty(), loader.open("libm.so.6"));
  }

  private Finding finding(String file) {
    return libraries().all().stream()
        .filter(finding -> finding.file().equals(file))
        .findFirst()
        .orElseThrow();
  }
}
