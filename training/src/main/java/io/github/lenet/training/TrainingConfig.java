package io.github.lenet.training;

import io.github.lenet.model.LeNetConfig;
import java.util.Objects;

/**
 * How to train.
 *
 * @param model the architecture
 * @param epochs passes over the training pictures
 * @param batchSize pictures per step; the last step of an epoch takes what is left
 * @param learningRate of stochastic gradient descent
 * @param seed decides the initial kernels and the order of the pictures
 * @param threads of the CPU to compute with; their number decides the order of sums, and so the
 *     last digits of a result
 */
public record TrainingConfig(
    LeNetConfig model, int epochs, int batchSize, double learningRate, long seed, int threads) {

  /**
   * An estimate: below this, starting operations should cost more than another core gains. On two
   * cores, eight replicas of 32 pictures were slower than two of 128; more cores were not at hand.
   */
  private static final int LEAST_PICTURES_PER_REPLICA = 32;

  /** Checks every value; the message names the one that does not fit. */
  public TrainingConfig {
    Objects.requireNonNull(model, "model");
    if (epochs <= 0) {
      throw new IllegalArgumentException("epochs (" + epochs + ") must be positive");
    }
    if (batchSize <= 0) {
      throw new IllegalArgumentException("batchSize (" + batchSize + ") must be positive");
    }
    if (!((float) learningRate > 0) || !Float.isFinite((float) learningRate)) {
      throw new IllegalArgumentException(
          "learningRate (" + learningRate + ") must be a positive, finite number");
    }
    if (threads <= 0) {
      throw new IllegalArgumentException("threads (" + threads + ") must be positive");
    }
  }

  /**
   * The chapter's settings: the classic network, 10 epochs, batches of 256, learning rate 0.9, seed
   * 1; a thread per core.
   *
   * @return <a href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">Dive into
   *     Deep Learning, LeNet</a>
   */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        LeNetConfig.classic(), 10, 256, 0.9, 1, Runtime.getRuntime().availableProcessors());
  }

  /**
   * The same settings for another architecture.
   *
   * @param model the architecture
   * @return settings that differ in nothing else
   */
  public TrainingConfig withModel(LeNetConfig model) {
    return new TrainingConfig(model, epochs, batchSize, learningRate, seed, threads);
  }

  /**
   * The same settings for another length.
   *
   * @param epochs passes over the training pictures
   * @return settings that differ in nothing else
   */
  public TrainingConfig withEpochs(int epochs) {
    return new TrainingConfig(model, epochs, batchSize, learningRate, seed, threads);
  }

  /**
   * The replicas of the network that learn side by side from a part of each batch: one per thread,
   * as long as each has {@value #LEAST_PICTURES_PER_REPLICA} pictures.
   */
  int replicas() {
    return Math.max(1, Math.min(threads, batchSize / LEAST_PICTURES_PER_REPLICA));
  }
}
