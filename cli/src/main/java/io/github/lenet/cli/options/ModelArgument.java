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
import picocli.CommandLine.Parameters;

/** The argument MODEL of a command. */
public final class ModelArgument {

  private static final String PRETRAINED = "pretrained";

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      completionCandidates = Pretrained.class,
      description =
          "A run directory, a SavedModel of this program's, a directory of them by number, or"
              + " pretrained: the network that comes with the program.")
  private String model;

  /** For completion. */
  public static final class Pretrained implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of(PRETRAINED).iterator();
    }
  }

  /** What the user wrote. */
  public String name() {
    return model;
  }

  /** Where it lies; nowhere if it is the one that comes with the program. */
  public Optional<Path> path() {
    return model.equals(PRETRAINED)
        ? Optional.empty()
        : Optional.of(new PathConverter().convert(model));
  }

  /** Loads it. */
  public LeNetModel load() throws IOException {
    TensorFlowRuntime.prepare();
    TensorFlow.version(); // so that missing natives are explained as elsewhere
    Optional<Path> path = path();
    return path.isPresent() ? LeNetModel.load(path.get()) : LeNetModel.pretrained();
  }

  /**
   * Checks that a data set's images are such as the model takes.
   *
   * @throws CommandFailedException if they have another size, or other classes
   */
  public void requireFits(LeNetModel loaded, DatasetSplits data) {
    LeNetConfig config = loaded.architecture();
    ImageDataset test = data.test();
    if (config.imageHeight() != test.height()
        || config.imageWidth() != test.width()
        || config.classes() != test.classCount()) {
      throw new CommandFailedException(
          ("%s: does not fit %s: expected images of %d x %d pixels in %d classes, found %d x %d"
                  + " in %d. Name the data set that it was trained on with --dataset.")
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
  }
}
