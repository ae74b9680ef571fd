package io.github.lenet.training.run;

import io.github.lenet.data.Provenance;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.LearningRateSchedule;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.internal.io.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The card of an exported model: training data, results, intended use. It begins with the YAML
 * metadata of <a href="https://huggingface.co/docs/hub/model-cards#model-card-metadata">Hugging
 * Face's model cards</a>.
 *
 * @param config the training settings
 * @param data the training data
 * @param classNames the names of the classes
 * @param result the selected epoch
 * @param test loss and accuracy on the test set
 * @param start the name of the model that the training started from; empty if from nothing
 */
record ModelCard(
    TrainingConfig config,
    Provenance data,
    List<String> classNames,
    EpochResult result,
    Metrics test,
    Optional<String> start) {

  ModelCard {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(test, "test");
    Objects.requireNonNull(start, "start");
    classNames = List.copyOf(classNames);
  }

  /** {@return the card as a page of Markdown} */
  String toMarkdown() {
    LeNetConfig model = config.architecture();
    return String.format(
        Locale.ROOT,
        """
        %s
        # LeNet-5, trained on %s

        A convolutional network that tells %d classes apart in grey images of %d×%d pixels: %s.
        %s
        | | loss | accuracy | images |
        |---|---|---|---|
        %s%s%s
        ## Training

        Epoch %d of %d, batches of %d, %s, seed %d. %,d parameters:

        %s
        ## Data

        %s; licence: %s.

        %s
        ## Use and limits

        For learning and for trying things out. An image is light on dark, 0 is the background, and
        shows one thing, upright and centred, as in the training data: the network names one of its
        classes for anything else too, often with a high probability. Probabilities are not
        calibrated. The test accuracy holds for images of the same origin.
        """,
        head(),
        data.title(),
        model.classes(),
        model.imageHeight(),
        model.imageWidth(),
        String.join(", ", classNames),
        data.note().isEmpty() ? "" : "\n" + data.note() + "\n",
        row("training, during the epoch", result.train()),
        config.hasValidation()
            ? row("validation, by which the epoch was chosen", result.validation())
            : "",
        row("test", test),
        result.epoch(),
        config.epochs(),
        config.batchSize(),
        method(),
        config.seed(),
        model.parameterCount(),
        model.toText().indent(4),
        data.title(),
        data.licence(),
        data.files().stream().map(ModelCard::line).collect(Collectors.joining()));
  }

  /** {@return the metadata; free text is quoted as JSON strings, which YAML reads} */
  private String head() {
    String licence =
        switch (data.id()) {
          case "fashion-mnist" -> "mit";
          case "mnist" -> "cc-by-sa-3.0";
          case "sample" -> "apache-2.0";
          default -> "unknown";
        };
    Optional<String> dataset = // the id in Hugging Face's catalogue
        switch (data.id()) {
          case "fashion-mnist" -> Optional.of("zalando-datasets/fashion_mnist");
          case "mnist" -> Optional.of("ylecun/mnist");
          default -> Optional.empty();
        };
    return String.format(
        Locale.ROOT,
        """
        ---
        license: %s
        library_name: lenet
        tags:
        - image-classification
        - lenet
        %smetrics:
        - accuracy
        model-index:
        - name: lenet
          results:
          - task:
              type: image-classification
            dataset:
              name: %s
              type: %s
              split: test
            metrics:
            - type: accuracy
              value: %.4f
        ---
        """,
        licence,
        dataset.map(id -> "datasets:\n- " + id + "\n").orElse(""),
        Json.toTree(data.title()),
        dataset.orElse(data.id()),
        test.accuracy());
  }

  private static String row(String images, Metrics evaluation) {
    return String.format(
        Locale.ROOT,
        "| %s | %.4f | %.4f | %,d |\n",
        images,
        evaluation.meanLoss(),
        evaluation.accuracy(),
        evaluation.total());
  }

  /** Describes the training in a sentence, without settings that are the default. */
  private String method() {
    List<String> parts = new ArrayList<>();
    boolean changes =
        config.schedule() != LearningRateSchedule.CONSTANT || config.warmupEpochs() > 0;
    parts.add(
        optimizer()
            + " with learning rate "
            + config.optimizer().learningRate()
            + (changes
                ? " (schedule %s, warmup epochs %s)"
                    .formatted(Json.word(config.schedule()), config.warmupEpochs())
                : ""));
    start.ifPresent(name -> parts.add("started from the parameters of " + name));
    if (!config.frozen().isEmpty()) {
      parts.add(String.join(" and ", config.frozen()) + " frozen");
    }
    if (config.preprocessor().crop()) {
      parts.add("images cut to their content");
    }
    if (config.preprocessor().contrast()) {
      parts.add("contrast stretched");
    }
    if (config.weightDecay() > 0) {
      parts.add("weight decay " + config.weightDecay());
    }
    if (config.dropout() > 0) {
      parts.add("dropout " + config.dropout());
    }
    if (!config.augmentation().isNone()) {
      parts.add("augmentation (%s)".formatted(config.augmentation().toText()));
    }
    config
        .standardization()
        .ifPresent(
            pixels ->
                parts.add(
                    String.format(
                        Locale.ROOT,
                        "pixels standardized (mean %.4f, standard deviation %.4f; the parameters below are for"
                            + " pixels as they are)",
                        pixels.mean(),
                        pixels.standardDeviation())));
    if (config.initializer() != Initializer.GLOROT_UNIFORM) {
      parts.add("initial kernels " + Json.word(config.initializer()));
    }
    return String.join(", ", parts);
  }

  private String optimizer() {
    if (config.optimizer() instanceof Optimizer.Momentum momentum) {
      return "SGD, momentum " + momentum.momentum() + ",";
    }
    if (config.optimizer() instanceof Optimizer.Nesterov nesterov) {
      return "SGD, Nesterov's momentum " + nesterov.momentum() + ",";
    }
    if (config.optimizer() instanceof Optimizer.Adam adam) {
      return "Adam, first beta " + adam.beta1() + ",";
    }
    return "plain SGD";
  }

  private static String line(Provenance.File file) {
    return "- `%s`, SHA-256 (unpacked) `%s`\n".formatted(file.name(), file.rawSha256());
  }
}
