package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.InferenceBenchmark.Round;
import io.github.lenet.model.LeNetClassifier;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class InferenceBenchmarkTest {

  /** Against the clock around the round, which asks for 300 images, then 1,000 and 3 · 1,000. */
  @Test
  void aRoundAddsUpToTheTimeItTakes() throws Exception {
    List<byte[]> images = Collections.nCopies(300, new byte[28 * 28]);
    try (LeNetClassifier classifier = LeNetClassifier.pretrained();
        InferenceBenchmark benchmark = new InferenceBenchmark(classifier, images, 3)) {
      benchmark.round();
      long start = System.nanoTime();
      Round round = benchmark.round();
      double seconds = (System.nanoTime() - start) / 1e9;

      double sum =
          300 / round.imagesPerSecond()
              + 1_000 / round.predictionsPerSecondOfOneCaller()
              + 3 * 1_000 / round.predictionsPerSecond();
      assertEquals(1, sum / seconds, 0.1, round.toString());
      assertTrue(round.medianMicroseconds() < round.p99Microseconds(), round.toString());
      // Half of the calls take the median or longer, and nearly all of the time goes into calls.
      assertTrue(
          500 * round.medianMicroseconds() / 1e6 < 1_000 / round.predictionsPerSecondOfOneCaller(),
          round.toString());
    }
  }

  @Test
  void aPercentileIsOneOfTheValues() {
    long[] oneToTwoHundred = LongStream.rangeClosed(1, 200).toArray();

    assertEquals(100, InferenceBenchmark.percentile(oneToTwoHundred, 50));
    assertEquals(198, InferenceBenchmark.percentile(oneToTwoHundred, 99));
    assertEquals(7, InferenceBenchmark.percentile(new long[] {7}, 99));
  }
}
