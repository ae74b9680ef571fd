package io.github.lenet.training;

/** Settings that go together, under a name: nothing that could not be set one by one. */
public enum Preset {
  /** The chapter's, see {@link TrainingConfig#defaults()}. */
  CLASSIC {
    @Override
    public TrainingConfig config() {
      return TrainingConfig.defaults();
    }
  };

  /**
   * The settings.
   *
   * @return for pictures of 28×28 and 10 classes, seed 1, a thread per core
   */
  public abstract TrainingConfig config();
}
