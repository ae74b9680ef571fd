package io.github.lenet.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST: 60,000 + 10,000 images of garments, uint8 {@code [28, 28]}, in ten classes.
 *
 * <p>Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
 * Learning Algorithms", <a href="https://arxiv.org/abs/1708.07747">arXiv:1708.07747</a>, 2017. The
 * class names are spelled as in "Dive into Deep Learning", section 4.2.
 */
public final class FashionMnist {
  /** The publisher's four files. */
  public static final DatasetSource SOURCE =
      new DatasetSource(
          "fashion-mnist",
          "Fashion-MNIST",
          List.of(
              "t-shirt",
              "trouser",
              "pullover",
              "dress",
              "coat",
              "sandal",
              "shirt",
              "sneaker",
              "bag",
              "ankle boot"),
          "MIT, (c) 2017 Zalando SE",
          List.of(
              URI.create("https://storage.googleapis.com/tensorflow/tf-keras-datasets/"),
              // Pinned to a commit, so that the bytes cannot change.
              URI.create(
                  "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/"
                      + "b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/"),
              // Compressed again: the gzip hashes differ, the raw hashes are the same.
              URI.create("https://mlrepo.djl.ai/dataset/cv/ai/djl/basicdataset/fashmnist/1.0/"),
              // The origin has no HTTPS. It comes last, and the hashes protect the download.
              URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")),
          new DatasetFile(
              "train-images-idx3-ubyte.gz",
              26_421_880,
              "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
              47_040_016,
              "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
          new DatasetFile(
              "train-labels-idx1-ubyte.gz",
              29_515,
              "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
              60_008,
              "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
          new DatasetFile(
              "t10k-images-idx3-ubyte.gz",
              4_422_102,
              "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
              7_840_016,
              "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
          new DatasetFile(
              "t10k-labels-idx1-ubyte.gz",
              5_148,
              "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
              10_008,
              "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
          true);

  private FashionMnist() {}

  /**
   * Loads Fashion-MNIST from the user's cache, {@link DatasetCache#defaultDirectory()}. Downloads
   * missing files.
   *
   * @return 60,000 training images and 10,000 test images
   * @throws DownloadException if a file is not cached and cannot be downloaded
   * @throws IOException if the cache cannot be read or written
   */
  public static DatasetSplits load() throws IOException {
    return load(new DatasetCache(DatasetCache.defaultDirectory(), false, DownloadListener.NONE));
  }

  /**
   * Loads Fashion-MNIST from a cache. Downloads missing files.
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
   * Loads Fashion-MNIST from a directory. Writes and downloads nothing.
   *
   * @param directory contains the four IDX files, gzipped or plain, directly or in a folder {@code
   *     fashion-mnist}
   * @return 60,000 training images and 10,000 test images
   * @throws ChecksumException if a file is not one of Fashion-MNIST's
   * @throws IdxFormatException if a file is corrupt
   * @throws IOException if a file is missing or cannot be read
   */
  public static DatasetSplits load(Path directory) throws IOException {
    return SOURCE.load(directory);
  }
}
