package io.github.lenet.training;

/** How the learning rate goes down while training goes on. */
public enum LearningRateSchedule {
  /** It does not: the chapter's choice. */
  CONSTANT {
    @Override
    double factor(double progress) {
      return 1;
    }
  },
  /**
   * Along half a cosine to almost 0: Loshchilov and Hutter, <a
   * href="https://arxiv.org/abs/1608.03983">SGDR</a>, 2017, without restarts.
   */
  COSINE {
    @Override
    double factor(double progress) {
      return (1 + Math.cos(Math.PI * progress)) / 2;
    }
  },
  /**
   * To a tenth after half of the steps, to a hundredth after three quarters: He et al., <a
   * href="https://arxiv.org/abs/1512.03385">Deep residual learning</a>, 2016, section 4.2.
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
   * What to multiply the learning rate with.
   *
   * @param progress the part of the steps that is done, at least 0 and less than 1
   */
  abstract double factor(double progress);
}
