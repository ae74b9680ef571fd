package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.CudaLibraries.Finding;
import io.github.lenet.training.CudaLibraries.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CudaLibrariesTest {

  /** As the proprietary kernel module and the open one write it. */
  private static final String VERSION =
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  Thu Feb 22 01:44:30 UTC 2024%n"
          + "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)%n";

  private static final String OPEN_VERSION =
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  %s  Release Build  (dvs-builder)%n";

  @TempDir private Path machine;
  private Path searched;
  private Path elsewhere;
  private Path driverVersion;

  @BeforeEach
  void makeDirectories() throws IOException {
    searched = Files.createDirectory(machine.resolve("searched"));
    elsewhere = Files.createDirectory(machine.resolve("elsewhere"));
    driverVersion = machine.resolve("version");
  }

  @Test
  void aMachineThatHasEverythingHasNoObstacle() throws Exception {
    installDriver("550.54.14");
    installLibraries();

    List<Finding> all = libraries().all();

    assertEquals(1 + Library.values().length, all.size());
    assertTrue(all.stream().allMatch(Finding::isUsable), all.toString());
    assertEquals(Optional.empty(), libraries().obstacle());
    assertEquals("550.54.14, " + searched.resolve("libcuda.so.1"), all.get(0).toString());
    assertEquals(Optional.of("9.5.1"), finding("libcudnn.so.9").version());
  }

  @Test
  void withoutADriverNothingElseMatters() {
    Finding driver = libraries().all().get(0);

    assertEquals(1, libraries().all().size());
    assertFalse(driver.isUsable());
    assertEquals(
        "libcuda.so.1: missing: expected an NVIDIA driver, 525.60.13 or newer, found none. Install one",
        driver.toString());
    assertEquals(driver.problem(), libraries().obstacle());
  }

  @Test
  void aContainerMayLackTheProgramsPartOfTheDriver() throws Exception {
    Files.writeString(driverVersion, OPEN_VERSION.formatted("560.35.03"));

    String problem = libraries().driver().problem().orElseThrow();

    assertTrue(problem.startsWith("libcuda.so.1: the kernel's part (560.35.03)"), problem);
    assertTrue(problem.contains("--gpus all"), problem);
  }

  /** WSL 2 has no kernel module; what is too old then, TensorFlow says. */
  @Test
  void aDriverOfUnknownVersionIsUsable() throws Exception {
    FakeLibrary.in(searched, "libcuda.so.1");

    assertTrue(libraries().driver().isUsable());
    assertEquals(Optional.empty(), libraries().driver().version());
  }

  @Test
  void aDriverCanBeTooOld() throws Exception {
    installDriver("470.256.02");

    assertEquals(
        Optional.of(
            "NVIDIA driver: too old: expected 525.60.13 or newer, found 470.256.02. Install a newer one"),
        libraries().driver().problem());
  }

  @Test
  void oneMissingLibraryIsNamedWithWhatToInstall() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcudnn.so.9"));
    Files.delete(searched.resolve("libcudnn.so.9.5.1"));

    assertEquals(
        Optional.of(
            "libcudnn.so.9: missing: expected cuDNN 9.3 or a newer 9, found none. Install it (NVIDIA's"
                + " package libcudnn9-cuda-12), or build with -Pcuda-redist"),
        libraries().obstacle());
    assertEquals("libcudnn.so.9", libraries().all().get(libraries().all().size() - 1).file());
  }

  /** TensorFlow opens {@code libcudnn.so.9}, which opens its parts at the first convolution. */
  @Test
  void cudnnMayBeThereInPart() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcudnn_cnn.so.9"));

    assertTrue(finding("libcudnn.so.9").isUsable());
    String obstacle = libraries().obstacle().orElseThrow();
    assertTrue(obstacle.startsWith("libcudnn_cnn.so.9: missing: "), obstacle);
  }

  @Test
  void severalMissingLibrariesAreAllNamed() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcufft.so.11"));
    Files.delete(searched.resolve("libcusolver.so.11"));

    assertEquals(
        Optional.of(
            "2 libraries can't be used: libcufft.so.11, libcusolver.so.11; ./lenet doctor says why and"
                + " what to do"),
        libraries().obstacle());
  }

  @Test
  void aLibraryThatTheLoaderDoesNotSearchForNeedsALibraryPath() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcublas.so.12"));
    Path hidden = FakeLibrary.in(elsewhere, "libcublas.so.12");

    assertEquals(
        Optional.of(
            "libcublas.so.12: not where the loader looks: found %s. Set LD_LIBRARY_PATH=%s"
                .formatted(hidden, elsewhere)),
        libraries().obstacle());
    assertEquals(Optional.of(hidden), finding("libcublas.so.12").path());
  }

  @Test
  void anotherMajorVersionIsNotTheLibrary() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcudart.so.12"));
    Path old = FakeLibrary.in(elsewhere, "libcudart.so.11.0");

    String obstacle = libraries().obstacle().orElseThrow();

    assertTrue(
        obstacle.startsWith(
            "libcudart.so.12: another version: expected that of CUDA 12, found " + old + ". "),
        obstacle);
  }

  /** TensorFlow asks for cuDNN's major version, and for no older minor version than its own. */
  @Test
  void anOlderCudnnIsFoundOutBeforeTheFirstConvolution() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcudnn.so.9"));
    FakeLibrary.in(searched, "libcudnn.so.9", "9.1.0");

    String problem = finding("libcudnn.so.9").problem().orElseThrow();

    assertTrue(problem.startsWith("libcudnn.so.9: too old: expected cuDNN 9.3"), problem);
    assertTrue(problem.contains("found 9.1.0"), problem);
  }

  @Test
  void aLinkToNothingIsNamed() throws Exception {
    installDriver("550.54.14");
    installLibraries();
    Files.delete(searched.resolve("libcufft.so.11"));
    Files.createSymbolicLink(searched.resolve("libcufft.so.11"), Path.of("removed"));

    String obstacle = libraries().obstacle().orElseThrow();

    assertTrue(obstacle.contains("libcufft.so.11 is a symbolic link to nothing"), obstacle);
  }

  @ParameterizedTest
  @CsvSource({
    "9.1.0, 9.3, true",
    "9.3, 9.3.0, false",
    "9.10.0, 9.3, false",
    "10.0, 9.3, false",
    "525.60.11, 525.60.13, true",
    "525.105.17, 525.60.13, false"
  })
  void comparesVersionsByNumbers(String version, String than, boolean older) {
    assertEquals(older, CudaLibraries.isOlder(version, than));
  }

  private void installDriver(String version) throws IOException {
    FakeLibrary.in(searched, "libcuda.so.1", version);
    Files.writeString(driverVersion, VERSION.formatted(version));
  }

  private void installLibraries() throws IOException {
    for (Library library : Library.values()) {
      String major = library.file().substring(library.file().indexOf(".so.") + 4);
      FakeLibrary.in(searched, library.file(), major + ".5.1");
    }
  }

  private Finding finding(String file) {
    return libraries().all().stream()
        .filter(finding -> finding.file().equals(file))
        .findFirst()
        .orElseThrow(() -> new AssertionError(Arrays.toString(Library.values())));
  }

  private CudaLibraries libraries() {
    return new CudaLibraries(
        new SharedLibraries(List.of(), List.of(), List.of(), List.of(searched), List.of(elsewhere)),
        driverVersion);
  }
}
