package io.github.lenet.cli.options;

import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The MODEL argument of a command. */
public final class ModelArgument {

  private static final String PRETRAINED = "pretrained";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      completionCandidates = Pretrained.class,
      description =
          "A run directory, a SavedModel of this program, a directory of numbered versions,"
              + " or pretrained (the model that comes with the program).")
  private String model;

  /** The word {@code pretrained} for shell completion. */
  public static final class Pretrained implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of(PRETRAINED).iterator();
    }
  }

  /** {@return the argument as the user wrote it} */
  public String name() {
    return model;
  }

  /** {@return the path of the model; empty for the pretrained model} */
  public Optional<Path> path() {
    return path(model, spec);
  }

  /** {@return the path of a model; empty for the pretrained model} */
  public static Optional<Path> path(String model, CommandSpec spec) {
    return model.equals(PRETRAINED)
        ? Optional.empty()
        : Optional.of(PathConverter.convert(model, spec));
  }

  /** Loads the model. */
  public LeNetModel load() throws IOException {
    return load(path());
  }

  /** Loads a model from a path, or the pretrained model. */
  public static LeNetModel load(Optional<Path> path) throws IOException {
    TensorFlowRuntime.prepare();
    TensorFlow.version(); // fails on missing natives with the same message as other commands
    return path.isPresent() ? LeNetModel.load(path.get()) : LeNetModel.pretrained();
  }

  /**
   * Checks that a data set fits the model.
   *
   * @throws CommandFailedException if the image size, the number of classes or their names differ
   */
  public void requireFits(LeNetModel loaded, DatasetSplits data) {
    LeNetConfig config = loaded.architecture();
    ImageDataset test = data.test();
    if (config.imageHeight() != test.height()
        || config.imageWidth() != test.width()
        || config.classes() != test.classCount()) {
      throw new CommandFailedException(
          ("%s: does not fit %s: expected images of %d x %d pixels in %d classes, found %d x"
                  + " %d in %d. Name the model's training data set with --dataset.")
              .formatted(
                  model,
                  data.provenance().title(),
                  config.imageHeight(),
                  config.imageWidth(),
                  config.classes(),
                  test.height(),
                  test.width(),
                  test.classCount()));
    }
    // Files of an unknown data set have numbers for names.
    if (!loaded.classNames().equals(test.classNames()) && !data.provenance().id().equals("idx")) {
      throw new CommandFailedException(
          "%s: does not know the classes of %s: expected %s, found %s. Name the model's training data set with --dataset."
              .formatted(
                  model,
                  data.provenance().title(),
                  String.join(", ", loaded.classNames()),
                  String.join(", ", test.classNames())));
    }
  }
}
