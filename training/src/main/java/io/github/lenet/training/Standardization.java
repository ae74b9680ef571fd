package io.github.lenet.training;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The standardization of pixels for training: {@code (x − mean) / standardDeviation} has mean 0 and
 * standard deviation 1. It includes the padding of conv1, because padding stands for background.
 *
 * <p>It is used in training only. A convolution of standardized pixels equals a convolution of the
 * original pixels with {@code kernel / standardDeviation} and {@code bias − mean /
 * standardDeviation · Σ kernel}. The exported parameters are these, so users of the network need
 * not standardize.
 *
 * @param mean mean of the pixels, which are from 0 to 1
 * @param standardDeviation standard deviation of the pixels, positive
 */
public record Standardization(double mean, double standardDeviation) {

  /** Checks that both are finite and that the standard deviation is positive. */
  public Standardization {
    if (!Double.isFinite(mean)) {
      throw new IllegalArgumentException("mean (" + mean + ") must be finite");
    }
    if (!(standardDeviation > 0) || !Double.isFinite(standardDeviation)) {
      throw new IllegalArgumentException(
          "standardDeviation (" + standardDeviation + ") must be a positive, finite number");
    }
  }

  /**
   * Computes mean and standard deviation over all pixels of a data set.
   *
   * @param images the training images
   * @return the standardization
   * @throws IllegalArgumentException if all pixels are equal
   */
  public static Standardization of(ImageDataset images) {
    long sum = 0;
    long squares = 0;
    long count = (long) images.size() * images.height() * images.width();
    for (int i = 0; i < images.size(); i++) {
      for (byte pixel : images.image(i)) {
        int value = Byte.toUnsignedInt(pixel);
        sum += value;
        squares += value * value;
      }
    }
    double mean = (double) sum / count;
    return new Standardization(mean / 255, Math.sqrt((double) squares / count - mean * mean) / 255);
  }

  /**
   * Returns the network for original pixels that equals a network for standardized ones.
   *
   * @param tf builds in the network's graph
   * @param standardized the network for standardized pixels
   */
  LeNet plain(Ops tf, LeNet standardized) {
    Map<String, Operand<TFloat32>> parameters = new LinkedHashMap<>(standardized.parameters());
    Operand<TFloat32> kernel =
        tf.math.mul(parameters.get("conv1/kernel"), tf.constant((float) (1 / standardDeviation)));
    Operand<TFloat32> sums = tf.reduceSum(kernel, tf.constant(new int[] {0, 1, 2}));
    parameters.put("conv1/kernel", kernel);
    parameters.put(
        "conv1/bias",
        tf.math.sub(parameters.get("conv1/bias"), tf.math.mul(sums, tf.constant((float) mean))));
    return LeNet.of(standardized.config(), parameters);
  }

  /**
   * Converts parameters for original pixels into those for standardized pixels, the inverse of
   * {@link #plain}.
   *
   * @param plain float32 by name, each row by row
   * @return the same but for conv1
   */
  Map<String, float[]> standardized(Map<String, float[]> plain) {
    float[] kernel = plain.get("conv1/kernel").clone();
    float[] bias = plain.get("conv1/bias").clone();
    for (int i = 0; i < kernel.length; i++) {
      bias[i % bias.length] += (float) (mean * kernel[i]); // the last axis is the output channel
      kernel[i] = (float) (standardDeviation * kernel[i]);
    }
    Map<String, float[]> parameters = new LinkedHashMap<>(plain);
    parameters.put("conv1/kernel", kernel);
    parameters.put("conv1/bias", bias);
    return parameters;
  }
}
