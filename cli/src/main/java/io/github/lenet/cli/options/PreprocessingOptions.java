package io.github.lenet.cli.options;

import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Polarity;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the conversion of images. */
public final class PreprocessingOptions {

  @Option(
      names = "--polarity",
      paramLabel = "POLARITY",
      converter = EnumConverter.OfPolarity.class,
      completionCandidates = EnumConverter.OfPolarity.class,
      description =
          "Polarity of the images: ${COMPLETION-CANDIDATES}; auto decides by the border."
              + " They are converted to the model's. Default: the model's, or auto.")
  private Optional<Polarity> polarity = Optional.empty();

  @Option(
      names = "--crop",
      description = "Cut images to their content with a margin, for small things on plain ground.")
  private boolean crop;

  @Option(
      names = "--contrast",
      description = "Stretch grey values from the background to the lightest pixel.")
  private boolean contrast;

  /** Changes how image files are converted. A given polarity is that of the files. */
  public ImagePreprocessor ofFiles(ImagePreprocessor base) {
    return flags(base).withInputPolarity(polarity.orElse(base.inputPolarity()));
  }

  /**
   * Changes how a model will convert images that is trained on pixels. A given polarity is theirs;
   * else their border decides.
   */
  public ImagePreprocessor ofPixels(ImagePreprocessor base) {
    return flags(base).withPolarity(polarity.orElse(Polarity.AUTO));
  }

  private ImagePreprocessor flags(ImagePreprocessor base) {
    return base.withCrop(crop || base.crop()).withContrast(contrast || base.contrast());
  }
}
