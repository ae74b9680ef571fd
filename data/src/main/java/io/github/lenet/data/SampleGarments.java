package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Garments that this program draws itself: 12,000 + 2,000 images, uint8 {@code [28, 28]}, in
 * Fashion-MNIST's ten classes. For trying everything out where there is no network. It is not
 * Fashion-MNIST, and is much smaller: an accuracy on it says nothing about Fashion-MNIST.
 *
 * <p>As large as it is because the sigmoid network needs some 280 steps to leave its plateau: with
 * half as many images the default ten epochs of batches of 256 end before that.
 *
 * <p>The seed is fixed: the same images come out each time. They are written as gzipped IDX files
 * into a temporary directory (in {@code java.io.tmpdir}), read back the same way as any other data
 * set, and deleted; at the latest when the process ends, unless it is killed outright.
 */
public final class SampleGarments {
  static final int TRAIN_SIZE = 12_000;
  static final int TEST_SIZE = 2_000;

  private static final String IMAGES = "-images-idx3-ubyte.gz";
  private static final String LABELS = "-labels-idx1-ubyte.gz";
  private static final List<String> FILES =
      List.of("train" + IMAGES, "train" + LABELS, "t10k" + IMAGES, "t10k" + LABELS);

  private static final long SEED = 1_998;
  private static final String NOTE =
      "This is the sample set, garments drawn by this program; it is not Fashion-MNIST, and no"
          + " result on it is one on Fashion-MNIST.";

  private SampleGarments() {}

  /**
   * Draws the sample set; takes about two seconds.
   *
   * @return 12,000 images to train on and 2,000 to test with, the classes in equal parts
   * @throws IOException if the temporary directory cannot be written
   */
  public static DatasetSplits load() throws IOException {
    return load(SEED, TRAIN_SIZE, TEST_SIZE);
  }

  /** The sample set in the place of another data set, and why. */
  static DatasetSplits loadInsteadOf(String title, String why) throws IOException {
    DatasetSplits sample = load();
    return sample.withProvenance(
        sample
            .provenance()
            .asFallback("It is used because " + title + " could not be had: " + why));
  }

  static DatasetSplits load(long seed, int trainSize, int testSize) throws IOException {
    return load(seed, trainSize, testSize, Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** Draws into a new directory below {@code parent}, which is empty again afterwards. */
  static DatasetSplits load(long seed, int trainSize, int testSize, Path parent)
      throws IOException {
    try (TemporaryDirectory temporary = TemporaryDirectory.below(parent)) {
      Random random = new Random(seed);
      try {
        draw(random, trainSize, temporary.path(), "train");
        draw(random, testSize, temporary.path(), "t10k");
      } catch (IOException e) {
        throw cannotBeWritten(temporary.path(), e);
      }
      return asSample(IdxDirectory.load(temporary.path()), seed);
    }
  }

  private static IOException cannotBeWritten(Path directory, IOException cause) {
    return new IOException(
        "%s: the sample set cannot be written: %s. %s"
            .formatted(
                directory,
                CacheWriteException.why(cause),
                "Make room or give write permission there, or name another temporary directory"
                    + " with -Djava.io.tmpdir=DIR."),
        cause);
  }

  /** Where the files are between drawing and reading. */
  private record TemporaryDirectory(Path path) implements AutoCloseable {
    static TemporaryDirectory below(Path parent) throws IOException {
      Path path;
      try {
        path = Files.createTempDirectory(parent, "lenet-sample");
      } catch (IOException e) {
        throw cannotBeWritten(parent, e);
      }
      // For a process that is told to end meanwhile. The last one registered is deleted first.
      path.toFile().deleteOnExit();
      for (String name : FILES) {
        path.resolve(name).toFile().deleteOnExit();
      }
      return new TemporaryDirectory(path);
    }

    @Override
    public void close() throws IOException {
      for (String name : FILES) {
        Files.deleteIfExists(path.resolve(name));
      }
      Files.delete(path);
    }
  }

  private static void draw(Random random, int size, Path directory, String part)
      throws IOException {
    int imageSize = GarmentArtist.SIDE * GarmentArtist.SIDE;
    byte[] images = new byte[size * imageSize];
    byte[] labels = new byte[size];
    GarmentArtist artist = new GarmentArtist(random);
    int classCount = FashionMnist.SOURCE.classNames().size();
    for (int i = 0; i < size; i++) {
      labels[i] = (byte) (i % classCount);
      artist.draw(labels[i], images, i * imageSize);
    }
    IdxWriter.write(
        directory.resolve(part + IMAGES), images, size, GarmentArtist.SIDE, GarmentArtist.SIDE);
    IdxWriter.write(directory.resolve(part + LABELS), labels, size);
  }

  private static DatasetSplits asSample(DatasetSplits read, long seed) {
    List<ProvenanceFile> files = new ArrayList<>();
    for (ProvenanceFile file : read.provenance().files()) {
      files.add(
          new ProvenanceFile(
              file.name(),
              "drawn by this program, seed " + seed,
              file.sizeInBytes(),
              file.sha256(),
              file.rawSha256()));
    }
    return new DatasetSplits(
        read.train().named(FashionMnist.SOURCE.classNames()),
        Optional.empty(),
        read.test().named(FashionMnist.SOURCE.classNames()),
        new Provenance(
            "sample", "Sample garments", "Apache-2.0, part of this program", NOTE, files),
        FashionMnist.SOURCE.allowsHorizontalFlip());
  }
}
