package io.github.lenet.training;

/** Thrown if the loss is no longer a finite number: the gradient steps were too large. */
public final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public DivergedException(int epoch, int batch, double loss, double learningRate) {
    super(
        ("training diverged: the loss is %s in epoch %s, batch %s, with learning rate %s."
                + " Use a smaller learning rate.")
            .formatted(loss, epoch, batch, learningRate));
  }
}
