package io.github.lenet.cli.options;

import io.github.lenet.cli.options.Numbers.Sizes;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the network's architecture. */
public final class ArchitectureOptions {

  /** The heading of these options in help texts. */
  public static final String HEADING =
      "%nArchitecture (defaults: LeNet-5 as in Dive into Deep Learning):%n";

  @Option(
      names = "--kernel-size",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Height and width of the convolution kernels. Default: 5.")
  private Optional<Integer> kernelSize = Optional.empty();

  @Option(
      names = "--channels",
      paramLabel = "N,N",
      converter = Sizes.Converter.class,
      description = "Output channels of each convolution. Default: 6,16.")
  private Optional<Sizes> channels = Optional.empty();

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      converter = EnumConverter.OfPooling.class,
      completionCandidates = EnumConverter.OfPooling.class,
      description = "Pooling after each convolution: ${COMPLETION-CANDIDATES}. Default: avg.")
  private Optional<Pooling> pooling = Optional.empty();

  @Option(
      names = "--dense-units",
      paramLabel = "N,N",
      converter = Sizes.ConverterOrNone.class,
      description = "Units of each hidden dense layer, or none. Default: 120,84.")
  private Optional<Sizes> denseUnits = Optional.empty();

  @Option(
      names = "--activation",
      paramLabel = "ACTIVATION",
      converter = EnumConverter.OfActivation.class,
      completionCandidates = EnumConverter.OfActivation.class,
      description =
          "Activation of each convolution and hidden dense layer: ${COMPLETION-CANDIDATES}."
              + " Default: sigmoid.")
  private Optional<Activation> activation = Optional.empty();

  /**
   * Overrides the builder's values with the given options, and builds the architecture.
   *
   * @throws IllegalArgumentException if the values do not fit together
   */
  public LeNetConfig over(LeNetConfig.Builder builder) {
    kernelSize.ifPresent(builder::kernelSize);
    channels.ifPresent(sizes -> builder.channels(sizes.values()));
    pooling.ifPresent(builder::pooling);
    denseUnits.ifPresent(sizes -> builder.denseUnits(sizes.values()));
    activation.ifPresent(builder::activation);
    return builder.build();
  }
}
