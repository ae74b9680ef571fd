package io.github.lenet.training.internal.runtime;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.Optional;
import java.util.OptionalInt;

/** Opens CUDA's libraries as TensorFlow does, and reads the versions of two of them. */
interface CudaLoader {

  /**
   * Opens a library by name. It stays open.
   *
   * @param file the file name: {@code libcudnn.so.9}
   * @return the loader's message if it cannot be opened, else empty
   */
  Optional<String> open(String file);

  /** {@return the newest CUDA that the driver supports, 12040 for 12.4; empty on failure} */
  OptionalInt driverCudaVersion();

  /** {@return cuDNN's version, 90501 for 9.5.1; empty on failure} */
  OptionalInt cudnnVersion();

  /** The dynamic loader of this process. */
  final class OfThisProcess implements CudaLoader {

    private static final int RTLD_LAZY = 1;

    /**
     * Makes JNA link its own functions by a first, failing call. Linking later would change
     * dlerror's message.
     */
    OfThisProcess() {
      open("/");
    }

    @Override
    public Optional<String> open(String file) {
      try {
        // Both are looked up before the first call: a look-up would change dlerror's message, which
        // is the last error of this thread.
        Function dlopen = loaderFunction("dlopen");
        Function dlerror = loaderFunction("dlerror");
        Pointer handle = dlopen.invokePointer(new Object[] {file, RTLD_LAZY});
        return handle == null
            ? Optional.of(String.valueOf(dlerror.invokeString(new Object[0], false)))
            : Optional.empty();
      } catch (UnsatisfiedLinkError e) {
        return Optional.of(e.getMessage());
      }
    }

    /** Finds a function of the loader: in libc since glibc 2.34, before that in libdl. */
    private static Function loaderFunction(String name) {
      try {
        return NativeLibrary.getProcess().getFunction(name);
      } catch (UnsatisfiedLinkError e) {
        return NativeLibrary.getInstance("libdl.so.2").getFunction(name);
      }
    }

    @Override
    public OptionalInt driverCudaVersion() {
      try {
        IntByReference version = new IntByReference();
        Function function = Function.getFunction("libcuda.so.1", "cuDriverGetVersion");
        return function.invokeInt(new Object[] {version}) == 0
            ? OptionalInt.of(version.getValue())
            : OptionalInt.empty();
      } catch (UnsatisfiedLinkError e) {
        return OptionalInt.empty();
      }
    }

    @Override
    public OptionalInt cudnnVersion() {
      try {
        Function function = Function.getFunction("libcudnn.so.9", "cudnnGetVersion");
        return OptionalInt.of((int) function.invokeLong(new Object[0]));
      } catch (UnsatisfiedLinkError e) {
        return OptionalInt.empty();
      }
    }
  }
}
