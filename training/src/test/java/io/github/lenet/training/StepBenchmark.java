package io.github.lenet.training;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A training step of 256 images on the CPU, its batch included, with a replica per core. An epoch
 * of forty ends with an evaluation; of one image, it takes next to no time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StepBenchmark {

  private static final int BATCH_SIZE = 256;
  private static final int STEPS = 40;

  private ImageDataset images;
  private ImageDataset one;
  private Trainer trainer;

  @Setup
  public void open() throws IOException {
    TensorFlowRuntime.prepare();
    images = Images.noise(STEPS * BATCH_SIZE, 1);
    one = images.first(1);
    int threads = Runtime.getRuntime().availableProcessors();
    trainer =
        new Trainer(
            TrainingConfigs.of(LeNetConfig.classic(), 1, BATCH_SIZE, 0.1, 1, threads),
            DeviceSelection.cpu("benchmark"));
  }

  @TearDown
  public void close() {
    trainer.close();
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public List<EpochResult> step() throws IOException {
    return trainer.fit(images, one, new TrainingListener() {});
  }
}
