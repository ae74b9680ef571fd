package io.github.lenet.training.internal.runtime;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.Optional;
import java.util.OptionalInt;

/** Opens CUDA's libraries as TensorFlow does, and asks two of them for their version. */
interface CudaLoader {

  /**
   * Opens a library by name. It stays open.
   *
   * @param file {@code libcudnn.so.9}
   * @return the loader's message if it cannot be opened
   */
  Optional<String> open(String file);

  /** {@return the newest CUDA that the driver supports, 12040 for 12.4; empty if it fails} */
  OptionalInt driverCudaVersion();

  /** {@return cuDNN's version, 90501 for 9.5.1; empty if it fails} */
  OptionalInt cudnnVersion();

  /** The dynamic loader of this process. */
  final class OfThisProcess implements CudaLoader {

    private static final int RTLD_LAZY = 1;

    /** Has JNA link its own functions, which also changes what dlerror says, by a first failure. */
    OfThisProcess() {
      open("/");
    }

    @Override
    public Optional<String> open(String file) {
      try {
        // Looked up before the first call: a look-up would change what dlerror says, which is the
        // last error of this thread.
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

    /** In libc since glibc 2.34, before in libdl. */
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
