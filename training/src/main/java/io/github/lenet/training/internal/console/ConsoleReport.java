package io.github.lenet.training.internal.console;

import io.github.lenet.data.DatasetFile;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.Activation;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.DeviceSelection;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Prints the progress of a run. Results go to one stream, in the chapter's own lines. Everything
 * else goes to the other, with a progress bar if that is a terminal.
 */
public final class ConsoleReport implements TrainingListener, DatasetLoader.Listener {

  private final PrintStream results;
  private final PrintStream messages;
  private final ProgressBar bar;
  private final boolean terminal;
  private TrainingConfig config = TrainingConfig.builder().build();
  private long epochStart;

  /**
   * Creates a report. The caller still owns the streams.
   *
   * @param results for epoch lines and the closing lines
   * @param messages for everything else
   * @param terminal whether {@code messages} is a terminal, where a line can be redrawn
   */
  public ConsoleReport(PrintStream results, PrintStream messages, boolean terminal) {
    this.results = results;
    this.messages = messages;
    this.terminal = terminal;
    bar = new ProgressBar(messages, terminal);
  }

  /**
   * Called before the data set is loaded, which may take a while.
   *
   * @param dataset as the user named it
   */
  public void onLoading(String dataset) {
    messages.println("loading data set: " + dataset);
  }

  /**
   * Prints a message.
   *
   * @param text the line
   */
  public void note(String text) {
    bar.clear();
    messages.println(text);
  }

  /**
   * Called before the first step. Prints data, model, device and run directory.
   *
   * @param data training, validation and test images
   * @param config the training settings
   * @param device the device of the run
   * @param run the run directory
   */
  public void onStart(DatasetSplits data, TrainingConfig config, DeviceSelection device, Path run) {
    this.config = config;
    messages.printf(
        Locale.ROOT,
        "%s: %,d training%s and %,d test images of %d×%d, %d classes%n",
        data.provenance().title(),
        data.train().size(),
        data.validation()
            .map(validation -> String.format(Locale.ROOT, ", %,d validation", validation.size()))
            .orElse(""),
        data.test().size(),
        data.train().height(),
        data.train().width(),
        data.train().classCount());
    warnOfFallback(data.provenance());
    warnOfMissingClasses(data.train());
    messages.printf(
        Locale.ROOT,
        "LeNet-5 with %,d parameters on %s (%s)%n",
        config.architecture().parameterCount(),
        device.name(),
        device.reason());
    messages.printf(
        "optimizer %s, learning rate %s%n",
        config.optimizer().getClass().getSimpleName().toLowerCase(Locale.ROOT),
        config.optimizer().learningRate());
    messages.printf("writing to %s%n", run);
    epochStart = System.nanoTime();
  }

  /**
   * Called before the first step of a resumed run.
   *
   * @param epoch the last finished epoch
   * @param epochs the number of epochs of the run
   * @param corrupt why checkpoints of later epochs can't be used
   */
  public void onResume(int epoch, int epochs, List<String> corrupt) {
    corrupt.forEach(why -> messages.println("*** " + why));
    messages.printf("resuming after epoch %s of %s%n", epoch, epochs);
  }

  /** One label that is far off makes many classes that have no images. */
  private void warnOfMissingClasses(ImageDataset images) {
    BitSet labels = new BitSet();
    IntStream.range(0, images.size()).forEach(i -> labels.set(images.label(i)));
    int missing = images.classCount() - labels.cardinality();
    if (missing > 0) {
      messages.printf(
          "*** %s of %s classes have no training images, such as %s. Check the labels.%n",
          missing, images.classCount(), images.classNames().get(labels.nextClearBit(0)));
    }
  }

  private void warnOfFallback(Provenance data) {
    if (data.isFallback()) {
      messages.println("*** " + data.note());
    }
  }

  @Override
  public void onBatch(BatchProgress progress) {
    double seconds = (System.nanoTime() - epochStart) / 1e9;
    bar.show(
        "epoch " + progress.epoch() + "/" + progress.epochs(),
        progress.batch(),
        progress.batches(),
        progress.batch() + "/" + progress.batches(),
        String.format(Locale.ROOT, " loss %.4f", progress.train().meanLoss()),
        String.format(Locale.ROOT, " acc %.3f", progress.train().accuracy()),
        String.format(Locale.ROOT, " %,.0f examples/sec", progress.train().total() / seconds));
  }

  @Override
  public void onEpoch(EpochResult result) {
    bar.clear();
    results.printf(
        Locale.ROOT,
        "epoch %d, loss %.4f, train acc %.3f, %s acc %.3f, time %.1f sec%n",
        result.epoch(),
        result.train().meanLoss(),
        result.train().accuracy(),
        config.hasValidation() ? "val" : "test",
        result.validation().accuracy(),
        result.seconds());
    epochStart = System.nanoTime();
  }

  @Override
  public void onEnd(TrainingResult result) {
    bar.clear();
    if (result.selected().isEmpty()) {
      messages.println("stopped in the first epoch; nothing is saved");
      return;
    }
    EpochResult chosen = result.selected().get();
    if (result.isValidated()) {
      messages.println("epoch " + chosen.epoch() + " is the best on the validation images");
    }
    results.printf(
        Locale.ROOT,
        "loss %.3f, train acc %.3f, %stest acc %.3f%n",
        chosen.train().meanLoss(),
        chosen.train().accuracy(),
        result.isValidated()
            ? String.format(Locale.ROOT, "val acc %.3f, ", chosen.validation().accuracy())
            : "",
        result.test().get().accuracy());
    results.printf(
        Locale.ROOT, "%.1f examples/sec on %s%n", result.imagesPerSecond(), result.device().name());
    if (!result.stopped() && chosen.train().accuracy() < 1.2 / config.architecture().classes()) {
      messages.println("*** the accuracy is no better than guessing. " + advice());
    }
    if (result.stopped()) {
      messages.printf(
          "stopped after epoch %s; what it gave is saved, and the run can be resumed%n",
          result.epochs().size());
    }
    warnOfFallback(result.data());
    messages.println("run directory: " + result.directory());
  }

  /** What helps most networks that learn nothing. */
  private String advice() {
    boolean adam = config.optimizer() instanceof Optimizer.Adam;
    double suitable =
        adam ? 0.001 : config.architecture().activation() == Activation.SIGMOID ? 0.9 : 0.1;
    return config.optimizer().learningRate() > suitable
        ? "Use a smaller learning rate, such as %s.".formatted(suitable)
        : "Train for more epochs.";
  }

  @Override
  public void onImage(int done, int total) {
    bar.show("reading images", done, total, String.format(Locale.ROOT, "%,d of %,d", done, total));
    if (done == total) {
      bar.clear();
    }
  }

  @Override
  public void onSkipped(Path file, String why) {
    note("left out: " + why);
  }

  @Override
  public void onWait(DatasetSource source) {
    note("waiting for another process that is downloading " + source.title());
  }

  @Override
  public void onStart(DatasetFile file, URI from) {
    bar.clear();
    if (!terminal) {
      messages.printf(Locale.ROOT, "downloading %s (%,d bytes)%n", from, file.sizeInBytes());
    }
  }

  @Override
  public void onProgress(DatasetFile file, long bytesSoFar) {
    bar.show(
        "downloading " + file.name(),
        bytesSoFar,
        file.sizeInBytes(),
        String.format(Locale.ROOT, "%.1f of %.1f MB", bytesSoFar / 1e6, file.sizeInBytes() / 1e6));
  }

  @Override
  public void onRetry(DatasetFile file, URI from, String why) {
    bar.clear();
    messages.println(from + ": " + why);
  }

  @Override
  public void onDone(DatasetFile file, URI from) {
    bar.clear();
    if (terminal) {
      messages.println("downloaded " + from);
    }
  }
}
