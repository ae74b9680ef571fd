package io.github.lenet.model;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Asking the network that comes with the library; the time is that of one image. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PredictBenchmark {

  private static final int BATCH_SIZE = 2_000;

  private LeNetClassifier classifier;
  private List<byte[]> images;
  private byte[] image;

  @Setup
  public void open() throws IOException {
    classifier = LeNetClassifier.pretrained();
    Random random = new Random(1);
    images =
        Stream.generate(() -> new byte[28 * 28]).limit(BATCH_SIZE).peek(random::nextBytes).toList();
    image = images.get(0);
  }

  @TearDown
  public void close() {
    classifier.close();
  }

  @Benchmark
  public List<Prediction> single() {
    return classifier.predict(image, 1);
  }

  /** As many callers at a time as the machine has threads; each waits that long. */
  @Benchmark
  @Threads(Threads.MAX)
  public List<Prediction> singleByManyCallers() {
    return classifier.predict(image, 1);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH_SIZE)
  public float[][] batch() {
    return classifier.probabilities(images);
  }
}
