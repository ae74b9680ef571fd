package io.github.lenet.cli;

import io.github.lenet.cli.Numbers.Sizes;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import picocli.CommandLine.Option;

/** What the network is made of. */
final class ArchitectureOptions {

  /** An option group's heading, for help texts. */
  static final String HEADING =
      "%nArchitecture (defaults: LeNet-5 as in Dive into Deep Learning):%n";

  @Option(
      names = "--kernel-size",
      paramLabel = "N",
      defaultValue = "5",
      converter = Numbers.Positive.class,
      description = "Side of the convolutions' kernels. Default: ${DEFAULT-VALUE}.")
  private int kernelSize = 5;

  @Option(
      names = "--channels",
      paramLabel = "N,N",
      defaultValue = "6,16",
      converter = Sizes.Converter.class,
      description = "Output channels of each convolution. Default: ${DEFAULT-VALUE}.")
  private Sizes channels = Sizes.of(6, 16);

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      defaultValue = "avg",
      converter = Words.OfPooling.class,
      completionCandidates = Words.OfPooling.class,
      description = "After each convolution: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Pooling pooling = Pooling.AVG;

  @Option(
      names = "--dense",
      paramLabel = "N,N",
      defaultValue = "120,84",
      converter = Sizes.ConverterOrNone.class,
      description = "Units of each hidden dense layer, or none. Default: ${DEFAULT-VALUE}.")
  private Sizes denseUnits = Sizes.of(120, 84);

  @Option(
      names = "--activation",
      paramLabel = "ACTIVATION",
      defaultValue = "sigmoid",
      converter = Words.OfActivation.class,
      completionCandidates = Words.OfActivation.class,
      description =
          "After each convolution and hidden dense layer: ${COMPLETION-CANDIDATES}."
              + " Default: ${DEFAULT-VALUE}.")
  private Activation activation = Activation.SIGMOID;

  /**
   * The network for pictures of this size.
   *
   * @throws IllegalArgumentException if they do not go together
   */
  LeNetConfig config(int imageHeight, int imageWidth, int classes) {
    return new LeNetConfig(
        imageHeight,
        imageWidth,
        kernelSize,
        channels.values(),
        pooling,
        denseUnits.values(),
        activation,
        classes);
  }
}
