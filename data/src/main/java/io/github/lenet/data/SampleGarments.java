package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Garments that this program draws itself: 12,000 + 2,000 pictures, uint8 {@code [28, 28]}, in
 * Fashion-MNIST's ten classes. For trying everything out where there is no network. It is not
 * Fashion-MNIST, and is much smaller: an accuracy on it says nothing about Fashion-MNIST.
 *
 * <p>As large as it is because the sigmoid network needs some 280 steps to leave its plateau: with
 * half as many pictures the default ten epochs of batches of 256 end before that.
 *
 * <p>The seed is fixed: the same pictures come out each time. They are written as gzipped IDX files
 * into a temporary directory, read back the same way as any other data set, and deleted.
 */
public final class SampleGarments {
  static final int TRAIN_SIZE = 12_000;
  static final int TEST_SIZE = 2_000;

  private static final long SEED = 1_998;
  private static final String NOTE =
      "This is the sample set, garments drawn by this program; it is not Fashion-MNIST, and no"
          + " result on it is one on Fashion-MNIST.";

  private SampleGarments() {}

  /**
   * Draws the sample set; takes about two seconds.
   *
   * @return 12,000 pictures to train on and 2,000 to test with, the classes in equal parts
   * @throws IOException if the temporary directory cannot be written
   */
  public static DatasetSplits load() throws IOException {
    return load(SEED, TRAIN_SIZE, TEST_SIZE);
  }

  /** The sample set in the place of another data set, and why. */
  static DatasetSplits loadInsteadOf(String title, String why) throws IOException {
    DatasetSplits sample = load();
    return new DatasetSplits(
        sample.train(),
        sample.test(),
        sample
            .provenance()
            .asFallback("It is used because " + title + " could not be had: " + why));
  }

  static DatasetSplits load(long seed, int trainSize, int testSize) throws IOException {
    Path directory = Files.createTempDirectory("lenet-sample");
    try {
      Random random = new Random(seed);
      draw(random, trainSize, directory, "train");
      draw(random, testSize, directory, "t10k");
      return asSample(IdxDirectory.load(directory), seed);
    } finally {
      delete(directory);
    }
  }

  private static void draw(Random random, int size, Path directory, String part)
      throws IOException {
    int pictureSize = GarmentArtist.SIDE * GarmentArtist.SIDE;
    byte[] images = new byte[size * pictureSize];
    byte[] labels = new byte[size];
    GarmentArtist artist = new GarmentArtist(random);
    int classCount = FashionMnist.SOURCE.classNames().size();
    for (int i = 0; i < size; i++) {
      labels[i] = (byte) (i % classCount);
      artist.draw(labels[i], images, i * pictureSize);
    }
    IdxWriter.write(
        directory.resolve(part + "-images-idx3-ubyte.gz"),
        images,
        size,
        GarmentArtist.SIDE,
        GarmentArtist.SIDE);
    IdxWriter.write(directory.resolve(part + "-labels-idx1-ubyte.gz"), labels, size);
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
        read.test().named(FashionMnist.SOURCE.classNames()),
        new Provenance(
            "sample", "Sample garments", "Apache-2.0, part of this program", NOTE, files));
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
