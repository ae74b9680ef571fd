package io.github.lenet.data;

import io.github.lenet.data.internal.GarmentArtist;
import io.github.lenet.data.internal.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
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
 * <p>The seed is fixed: the same images come out each time. Nothing is written to the disk.
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
   * Draws the sample set; takes about a second.
   *
   * @return 12,000 images to train on and 2,000 to test with, the classes in equal parts
   */
  public static DatasetSplits load() {
    return load(SEED, TRAIN_SIZE, TEST_SIZE);
  }

  static DatasetSplits load(long seed, int trainSize, int testSize) {
    Random random = new Random(seed);
    List<Provenance.File> files = new ArrayList<>();
    ImageDataset train = draw(random, seed, trainSize, "train", files);
    ImageDataset test = draw(random, seed, testSize, "t10k", files);
    return new DatasetSplits(
        train,
        Optional.empty(),
        test,
        new Provenance(
            "sample", "Sample garments", "Apache-2.0, part of this program", NOTE, files),
        FashionMnist.SOURCE.allowsHorizontalFlip());
  }

  private static ImageDataset draw(
      Random random, long seed, int size, String part, List<Provenance.File> files) {
    int side = GarmentArtist.SIDE;
    byte[] images = new byte[size * side * side];
    byte[] labels = new byte[size];
    GarmentArtist artist = new GarmentArtist(random);
    List<String> classNames = FashionMnist.SOURCE.classNames();
    for (int i = 0; i < size; i++) {
      labels[i] = (byte) (i % classNames.size());
      artist.draw(labels[i], images, i * side * side);
    }
    files.add(file(part + "-images-idx3-ubyte", seed, images, size, side, side));
    files.add(file(part + "-labels-idx1-ubyte", seed, labels, size));
    return ImageDataset.owning(side, side, images, labels, classNames);
  }

  /** Hashes the elements as the IDX file that they would be, to compare data sets by. */
  private static Provenance.File file(String name, long seed, byte[] elements, int... dimensions) {
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * dimensions.length);
    header.put(new byte[] {0, 0, 0x08, (byte) dimensions.length});
    for (int dimension : dimensions) {
      header.putInt(dimension);
    }
    MessageDigest digest = Sha256.newDigest();
    digest.update(header.array());
    digest.update(elements);
    String sha256 = Sha256.hex(digest);
    return new Provenance.File(
        name,
        "drawn by this program, seed " + seed,
        header.capacity() + (long) elements.length,
        sha256,
        sha256);
  }
}
