package io.github.lenet.model;

import java.util.Objects;

/**
 * A prediction of a {@link LeNetClassifier}: a class and its probability.
 *
 * @param classIndex from 0
 * @param className what the class is called, as in the data that the model was trained on
 * @param probability from 0 to 1; those of all classes add up to 1. It is the network's own
 *     opinion, and high for many an image that shows none of the classes.
 */
public record Prediction(int classIndex, String className, float probability) {

  /** Checks that the name is there. */
  public Prediction {
    Objects.requireNonNull(className, "className");
  }
}
