package io.github.lenet.training.internal.runtime;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * Loads CUDA's libraries from the class path. JavaCPP packs them for Maven ({@code
 * org.bytedeco:cuda}, classifier {@code linux-x86_64-redist}), and the build's profile {@code
 * cuda-redist} adds them. With them, a machine needs only the driver.
 *
 * <p>TensorFlow Java would load CUDA 11's, because its list is older than its natives. It is enough
 * to load the right ones first: when TensorFlow asks the dynamic loader for {@code
 * libcublas.so.12}, it gets the library that the process has already loaded under that name.
 */
final class CudaRedist {

  private static final String FOLDER = "org/bytedeco/cuda/linux-x86_64/";

  /**
   * cuDNN opens libnvrtc to compile some of its kernels, and libnvrtc opens its builtins. The name
   * of the builtins depends on the CUDA version in the parent POM. Both libraries come without a
   * search path.
   */
  private static final List<String> COMPILER =
      List.of("libnvrtc-builtins.so.12.6", "libnvrtc.so.12");

  /** Unpacks a library and loads it. */
  @FunctionalInterface
  interface Loading {
    void load(URL library) throws IOException;
  }

  private CudaRedist() {}

  /**
   * Loads the libraries on the class path, through JavaCPP's cache. Loads nothing if there are
   * none, or no driver.
   */
  static void load() {
    ClassLoader classPath = CudaRedist.class.getClassLoader();
    if (classPath.getResource(FOLDER + CudaLibraries.Library.CUDART.file()) != null) {
      load(
          CudaLibraries.ofThisProcess(),
          classPath,
          library -> System.load(Loader.cacheResource(library).getPath()));
    }
  }

  /**
   * Loads each library after its dependencies, and stops at the first failure. TensorFlow may find
   * the rest elsewhere; if not, {@link CudaLibraries} reports the missing ones.
   *
   * @return the names of the loaded libraries, in this order
   */
  static List<String> load(CudaLibraries machine, ClassLoader classPath, Loading loading) {
    List<String> loaded = new ArrayList<>();
    if (!machine.driver().isUsable()) {
      return loaded;
    }
    for (String file : files()) {
      URL packed = classPath.getResource(FOLDER + file);
      if (packed == null) {
        continue;
      }
      try {
        loading.load(packed);
        loaded.add(file);
      } catch (IOException | UnsatisfiedLinkError e) {
        System.getLogger(CudaRedist.class.getName())
            .log(
                System.Logger.Level.WARNING,
                "{0}: cannot be loaded from the class path: {1}",
                packed,
                e.getMessage());
        return loaded;
      }
    }
    return loaded;
  }

  private static List<String> files() {
    List<String> files = new ArrayList<>(COMPILER);
    for (CudaLibraries.Library library : CudaLibraries.Library.values()) {
      files.add(library.file());
    }
    return files;
  }
}
