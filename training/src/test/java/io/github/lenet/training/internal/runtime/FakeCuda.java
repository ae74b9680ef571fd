package io.github.lenet.training.internal.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A machine with a driver and all of CUDA's libraries, but for what a test takes away. */
final class FakeCuda implements CudaLoader {

  private final Map<String, String> errors = new HashMap<>();
  private int driver = 12_040;
  private int cudnn = 90_501;

  FakeCuda without(String file) {
    return failing(file, file + ": cannot open shared object file: No such file or directory");
  }

  FakeCuda failing(String file, String error) {
    errors.put(file, error);
    return this;
  }

  FakeCuda driver(int cudaVersion) {
    driver = cudaVersion;
    return this;
  }

  FakeCuda cudnn(int version) {
    cudnn = version;
    return this;
  }

  @Override
  public Optional<String> open(String file) {
    return Optional.ofNullable(errors.get(file));
  }

  @Override
  public OptionalInt driverCudaVersion() {
    return OptionalInt.of(driver);
  }

  @Override
  public OptionalInt cudnnVersion() {
    return OptionalInt.of(cudnn);
  }
}
