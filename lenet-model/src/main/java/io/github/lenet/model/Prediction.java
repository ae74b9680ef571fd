package io.github.lenet.model;

import java.util.Objects;

/**
 * A prediction of a {@link LeNetClassifier}: a class and its probability.
 *
 * @param classIndex the index of the class, from 0
 * @param className the name of the class, as in the training data
 * @param probability from 0 to 1; those of all classes add up to 1. It can be high for an image of
 *     none of the classes.
 */
public record Prediction(int classIndex, String className, float probability) {

  /** Checks that the name is not null. */
  public Prediction {
    Objects.requireNonNull(className, "className");
  }
}
