package io.github.lenet.model;

import io.github.lenet.model.internal.Sha256Sums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a trained network part of this library: for its maintainers, not for its users. The model
 * card, {@code NAME.md}, is written by hand.
 *
 * <pre>
 * PretrainedModelWriter RUN_OR_SAVED_MODEL NAME TITLE    # in the directory lenet-model
 * </pre>
 */
final class PretrainedModelWriter {

  private PretrainedModelWriter() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("expected RUN_OR_SAVED_MODEL NAME TITLE");
    }
    write(
        LeNetModel.load(Path.of(arguments[0])),
        Path.of("src/main/resources/io/github/lenet/model"),
        arguments[1],
        arguments[2]);
  }

  static void write(LeNetModel model, Path directory, String name, String title)
      throws IOException {
    byte[] weights = PretrainedModel.encode(model);
    Files.write(directory.resolve(name + ".weights"), weights);
    Files.writeString(
        directory.resolve(name + ".properties"),
        """
        title=%s
        class_names=%s
        sha256=%s
        %s"""
            .formatted(
                title,
                String.join(",", model.classNames()),
                Sha256Sums.of(weights),
                model.architecture().toText()));
  }
}
