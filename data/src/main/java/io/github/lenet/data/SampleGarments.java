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
 * The sample set: 12,000 + 2,000 generated images of garments, uint8 {@code [28, 28]}, in
 * Fashion-MNIST's ten classes. It needs no network. It is not Fashion-MNIST and is much smaller: an
 * accuracy on it says nothing about Fashion-MNIST.
 *
 * <p>The sigmoid network needs some 280 steps to leave its plateau. With half as many images, the
 * default ten epochs of batches of 256 would end before that.
 *
 * <p>The seed is fixed, so the images are always the same. Nothing is written to the disk.
 */
public final class SampleGarments {
  static final int TRAIN_SIZE = 12_000;
  static final int TEST_SIZE = 2_000;

  private static final long SEED = 1_998;
  private static final String NOTE =
      "This is the sample set, garments drawn by this program; it is not Fashion-MNIST. Results on"
          + " it say nothing about Fashion-MNIST.";

  private SampleGarments() {}

  /**
   * Draws the sample set, which takes about a second.
   *
   * @return 12,000 training images and 2,000 test images, with equally many per class
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

  /** Hashes the elements as an IDX file would contain them, to compare data sets. */
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
