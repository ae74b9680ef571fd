package io.github.lenet.training.internal.runtime;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * CUDA's libraries as JavaCPP packs them for Maven ({@code org.bytedeco:cuda}, classifier {@code
 * linux-x86_64-redist}), which the profile {@code cuda-redist} of the build puts on the class path:
 * with them, a machine needs nothing but the driver.
 *
 * <p>TensorFlow Java would load CUDA 11's, by a list that is older than its natives. It is enough,
 * though, to load the right ones first: when TensorFlow asks the dynamic loader for {@code
 * libcublas.so.12}, it gets the library that is in the process already under that name.
 */
final class CudaRedist {

  private static final String FOLDER = "org/bytedeco/cuda/linux-x86_64/";

  /**
   * What cuDNN opens to compile some of its kernels, after what that opens in turn, by a name that
   * goes with the version in the parent POM. Both come without a search path.
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
   * Loads what is on the class path, into JavaCPP's cache first; nothing if there is none, or no
   * driver.
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
   * Loads each library after those that it needs. Where one can't be loaded the rest is left to
   * TensorFlow, which may find it elsewhere, and to {@link CudaLibraries}, which then says what is
   * missing.
   *
   * @return the names of those that were loaded, in this order
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
