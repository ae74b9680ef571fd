package io.github.lenet.training.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.lenet.training.internal.runtime.CudaLibraries.Library;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a jar of the layout that {@code org.bytedeco:cuda:…:linux-x86_64-redist} has. */
final class CudaRedistTest {

  /** What each library links, as {@code readelf -d} shows it for those of CUDA 12.6, cuDNN 9.5. */
  private static final Map<Library, List<Library>> NEEDED =
      Map.of(
          Library.CUBLAS, List.of(Library.CUBLAS_LT),
          Library.CUSPARSE, List.of(Library.NVJITLINK),
          Library.CUSOLVER,
              List.of(Library.NVJITLINK, Library.CUSPARSE, Library.CUBLAS, Library.CUBLAS_LT),
          Library.CUDNN_OPS, List.of(Library.CUDNN_GRAPH),
          Library.CUDNN_CNN, List.of(Library.CUDNN_OPS, Library.CUDNN_GRAPH),
          Library.CUDNN_ADV, List.of(Library.CUDNN_OPS, Library.CUDNN_GRAPH),
          Library.CUDNN_PRECOMPILED, List.of(Library.CUDNN_GRAPH),
          Library.CUDNN_RUNTIME_COMPILED, List.of(Library.CUDNN_GRAPH),
          Library.CUDNN_HEURISTIC, List.of(Library.CUDNN_GRAPH));

  @TempDir private Path directory;

  @Test
  void loadsEachLibraryAfterThoseItNeeds() throws Exception {
    List<String> loaded = load(everything(), withDriver(), library -> {});

    assertEquals(Library.values().length + 2, loaded.size());
    NEEDED.forEach(
        (library, needed) ->
            needed.forEach(
                first ->
                    assertTrue(
                        loaded.indexOf(first.file()) < loaded.indexOf(library.file()),
                        first + " before " + library)));
    assertTrue(loaded.indexOf("libnvrtc-builtins.so.12.6") < loaded.indexOf("libnvrtc.so.12"));
  }

  @Test
  void takesTheLibrariesOutOfTheJar() throws Exception {
    List<String> contents = new ArrayList<>();
    load(
        List.of("libcudart.so.12", "libcublas.so.12", "libnpps.so.12"),
        withDriver(),
        library -> contents.add(new String(library.openStream().readAllBytes(), "UTF-8")));

    assertEquals(List.of("this is libcudart.so.12", "this is libcublas.so.12"), contents);
  }

  @Test
  void touchesNothingWithoutADriver() throws Exception {
    assertEquals(
        List.of(), load(everything(), withoutDriver(), library -> fail(library + " is loaded")));
  }

  @Test
  void doesNothingWithoutTheJar() throws Exception {
    assertEquals(List.of(), load(List.of(), withDriver(), library -> fail()));
  }

  @Test
  void leavesToTensorFlowWhatCannotBeLoaded() throws Exception {
    List<String> loaded =
        load(
            everything(),
            withDriver(),
            library -> {
              if (library.getPath().endsWith("libcublas.so.12")) {
                throw new UnsatisfiedLinkError("not for this machine");
              }
            });

    assertTrue(loaded.contains("libcudart.so.12"), loaded.toString());
    assertTrue(!loaded.contains("libcublas.so.12"), loaded.toString());
  }

  private static List<String> everything() {
    List<String> files =
        new ArrayList<>(List.of("libnvrtc.so.12", "libnvrtc-builtins.so.12.6", "libnpps.so.12"));
    for (Library library : Library.values()) {
      files.add(library.file());
    }
    return files;
  }

  private List<String> load(List<String> files, CudaLibraries machine, CudaRedist.Loading loading)
      throws IOException {
    Path jar = directory.resolve("cuda-linux-x86_64-redist.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file)) {
      entries.putNextEntry(new JarEntry("META-INF/"));
      for (String name : files) {
        entries.putNextEntry(new JarEntry("org/bytedeco/cuda/linux-x86_64/" + name));
        entries.write(("this is " + name).getBytes("UTF-8"));
      }
    }
    try (URLClassLoader classPath =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      return CudaRedist.load(machine, classPath, loading);
    }
  }

  private CudaLibraries withDriver() {
    return new CudaLibraries(new FakeCuda(), directory.resolve("no kernel module"));
  }

  private CudaLibraries withoutDriver() {
    return new CudaLibraries(
        new FakeCuda().without("libcuda.so.1"), directory.resolve("no kernel module"));
  }
}
