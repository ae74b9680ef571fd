package io.github.lenet.data;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Making a batch of 256 images, as they are or changed, into tensors; drawing the order is part of
 * it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchBenchmark {

  private static final int BATCH_SIZE = 256;
  private static final int BATCHES = 46;

  private ImageDataset images;
  private long epoch;

  @Setup
  public void load() throws IOException {
    images = SampleGarments.load().train().first(BATCHES * BATCH_SIZE);
  }

  /** What is changed; only for the benchmark that asks for it. */
  @State(Scope.Benchmark)
  public static class Changes {
    @Param({"shift", "flip", "erase", "shift,flip,erase"})
    public String names;

    private Augmentation augmentation;

    @Setup
    public void read() {
      augmentation = Augmentation.fromText(names);
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCHES)
  public long shuffled() {
    return run(Augmentation.NONE);
  }

  @Benchmark
  @OperationsPerInvocation(BATCHES)
  public long augmented(Changes changes) {
    return run(changes.augmentation);
  }

  private long run(Augmentation augmentation) {
    long bytes = 0;
    for (ImageBatch batch : images.shuffledBatches(BATCH_SIZE, ++epoch, augmentation)) {
      try (batch) {
        bytes += batch.images().numBytes();
      }
    }
    return bytes;
  }
}
