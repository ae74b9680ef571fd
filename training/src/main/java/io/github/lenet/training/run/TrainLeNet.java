package io.github.lenet.training.run;

import io.github.lenet.training.DivergedException;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Trains the chapter's network and prints the chapter's lines. It needs this module and its
 * dependencies, and no command line library. The command line module has all options.
 *
 * <pre>java -cp … io.github.lenet.training.run.TrainLeNet [EPOCHS [DATA_DIRECTORY]]</pre>
 */
final class TrainLeNet {

  private TrainLeNet() {}

  /**
   * Trains. The exit code is 0 if done, 1 if it failed, 2 if the arguments are wrong.
   *
   * @param arguments the number of epochs, by default 10, and the directory with the Fashion-MNIST
   *     files. Without a directory, the files come from the cache or a download; if they are
   *     unavailable, the drawn sample set is used.
   */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT); // numbers in files and lines have the digits 0 to 9
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    ConsoleTraining training;
    try {
      training = parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("error: " + e.getMessage());
      System.err.println("usage: TrainLeNet [EPOCHS [DATA_DIRECTORY]]");
      return 2;
    }
    System.setProperty("java.awt.headless", "true"); // the sample set is drawn without a display
    try {
      TensorFlowRuntime.prepare();
      training.run(
          new ConsoleReport(System.out, System.err, System.console() != null),
          new TrainingListener() {});
      return 0;
    } catch (FileSystemException e) { // its message alone may be only a path
      System.err.println("error: " + e);
      return 1;
    } catch (IOException | IllegalArgumentException | DivergedException e) {
      System.err.println("error: " + TensorFlowRuntime.firstError(e));
      return 1;
    } catch (RuntimeException | LinkageError e) {
      System.err.println(
          "error: " + e.getClass().getName() + ": " + TensorFlowRuntime.firstError(e));
      return 1;
    }
  }

  static ConsoleTraining parse(String[] arguments) {
    if (arguments.length > 2) {
      throw new IllegalArgumentException("expected at most 2 arguments, found " + arguments.length);
    }
    ConsoleTraining training = new ConsoleTraining();
    if (arguments.length > 0) {
      try {
        int epochs = Integer.parseInt(arguments[0]);
        training.config(TrainingConfig.builder().epochs(epochs).build());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "EPOCHS: expected a whole number, found '" + arguments[0] + "'", e);
      }
    }
    if (arguments.length > 1) {
      training.dataDirectory(Optional.of(Path.of(arguments[1])));
    }
    return training;
  }
}
