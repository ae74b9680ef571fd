package io.github.lenet.training;

/** How the learning rate decreases during training. */
public enum LearningRateSchedule {
  /** Keeps the learning rate constant, as the chapter does. */
  CONSTANT {
    @Override
    double factor(double progress) {
      return 1;
    }
  },
  /**
   * Decreases along half a cosine to almost 0: Loshchilov and Hutter, <a
   * href="https://arxiv.org/abs/1608.03983">SGDR</a>, 2017, without restarts.
   */
  COSINE {
    @Override
    double factor(double progress) {
      return (1 + Math.cos(Math.PI * progress)) / 2;
    }
  },
  /**
   * Decreases to a tenth after half of the steps, and to a hundredth after three quarters: He et
   * al., <a href="https://arxiv.org/abs/1512.03385">Deep residual learning</a>, 2016, section 4.2.
   */
  STEP {
    @Override
    double factor(double progress) {
      if (progress < 0.5) {
        return 1;
      }
      return progress < 0.75 ? 0.1 : 0.01;
    }
  };

  /**
   * {@return the factor of the learning rate}
   *
   * @param progress the fraction of the steps that is done, from 0 to 1
   */
  abstract double factor(double progress);
}
