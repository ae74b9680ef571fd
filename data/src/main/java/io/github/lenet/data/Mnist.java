package io.github.lenet.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * MNIST: 60,000 + 10,000 images of handwritten digits, uint8 {@code [28, 28]}, in ten classes.
 *
 * <p>Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document
 * Recognition", Proceedings of the IEEE 86 (11), 1998. The original site no longer serves the
 * files.
 */
public final class Mnist {
  /** The publisher's four files. */
  public static final DatasetSource SOURCE =
      new DatasetSource(
          "mnist",
          "MNIST",
          List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
          "CC BY-SA 3.0, (c) Yann LeCun and Corinna Cortes",
          List.of(
              URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
              URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
              // Compressed again: the gzip hashes differ, the raw hashes are the same.
              URI.create("https://mlrepo.djl.ai/dataset/cv/ai/djl/basicdataset/mnist/1.0/")),
          new DatasetFile(
              "train-images-idx3-ubyte.gz",
              9_912_422,
              "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
              47_040_016,
              "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
          new DatasetFile(
              "train-labels-idx1-ubyte.gz",
              28_881,
              "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
              60_008,
              "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
          new DatasetFile(
              "t10k-images-idx3-ubyte.gz",
              1_648_877,
              "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
              7_840_016,
              "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
          new DatasetFile(
              "t10k-labels-idx1-ubyte.gz",
              4_542,
              "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
              10_008,
              "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
          false);

  private Mnist() {}

  /**
   * Loads MNIST from the user's cache, {@link DatasetCache#defaultDirectory()}. Downloads missing
   * files.
   *
   * @return 60,000 training images and 10,000 test images
   * @throws DownloadException if a file is not cached and cannot be downloaded
   * @throws IOException if the cache cannot be read or written
   */
  public static DatasetSplits load() throws IOException {
    return load(new DatasetCache(DatasetCache.defaultDirectory(), false, DownloadListener.NONE));
  }

  /**
   * Loads MNIST from a cache. Downloads missing files.
   *
   * @param cache the cache of the files
   * @return 60,000 training images and 10,000 test images
   * @throws DownloadException if a file is not cached and cannot be downloaded
   * @throws IOException if the cache cannot be read or written
   */
  public static DatasetSplits load(DatasetCache cache) throws IOException {
    return cache.load(SOURCE);
  }

  /**
   * Loads MNIST from a directory. Writes and downloads nothing.
   *
   * @param directory contains the four IDX files, gzipped or plain, directly or in a folder {@code
   *     mnist}
   * @return 60,000 training images and 10,000 test images
   * @throws ChecksumException if a file is not one of MNIST's
   * @throws IdxFormatException if a file is corrupt
   * @throws IOException if a file is missing or cannot be read
   */
  public static DatasetSplits load(Path directory) throws IOException {
    return SOURCE.load(directory);
  }
}
