package io.github.lenet.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * Which random changes an image gets before a network trains on it, so that it sees more images
 * than there are. Labels stay. Each image is changed in this order:
 *
 * <table>
 *   <caption>The changes</caption>
 *   <tr><th>name</th><th>what happens</th></tr>
 *   <tr><td>{@code shift}</td><td>by -2 to 2 pixels down and -2 to 2 to the right, all 25 equally
 *       likely; background, 0, moves in. He et al., <a href="https://arxiv.org/abs/1512.03385">Deep
 *       residual learning</a>, 2016, section 4.2, shift by up to 4 of 32 pixels; here it is half of
 *       that, for Fashion-MNIST's garments reach the border. A side of less than 5 pixels shifts by
 *       less than half of its length, so that no image is ever empty</td></tr>
 *   <tr><td>{@code flip}</td><td>left and right change places, with probability 1/2 (same source).
 *       Not for images that mean something else in a mirror:
 *       {@link DatasetSplits#allowsHorizontalFlip()}</td></tr>
 *   <tr><td>{@code erase}</td><td>with probability 1/2, a rectangle somewhere in the image is
 *       overwritten with noise, each pixel one of 0 to 255: random erasing, Zhong et al., <a
 *       href="https://arxiv.org/abs/1708.04896">arXiv:1708.04896</a>, with the constants of the authors' code. The
 *       rectangle has 2 to 40 per cent of the image's pixels; area and aspect (height by width,
 *       0.3 to 1/0.3) are drawn uniformly, the sides rounded to pixels, and both are drawn anew if
 *       it does not fit. The place is drawn afterwards, among those where it fits, as in the
 *       authors' code; the paper's listing draws it before, which favours small rectangles. If
 *       none of 100 fits, as in an image of one row and many columns, the image stays
 *       whole</td></tr>
 * </table>
 *
 * @param shift whether images are shifted
 * @param flip whether images are flipped left to right
 * @param erase whether rectangles are erased
 * @see ImageDataset#shuffledBatches(int, long, Augmentation)
 */
public record Augmentation(boolean shift, boolean flip, boolean erase) {
  /** No change at all. */
  public static final Augmentation NONE = new Augmentation(false, false, false);

  private static final String NONE_NAME = "none";
  private static final String SHIFT_NAME = "shift";
  private static final String FLIP_NAME = "flip";
  private static final String ERASE_NAME = "erase";

  /**
   * Whether images stay as they are.
   *
   * @return true if nothing is changed
   */
  public boolean isNone() {
    return equals(NONE);
  }

  /**
   * Returns a copy without flips.
   *
   * @return what is left
   */
  public Augmentation withoutFlip() {
    return new Augmentation(shift, false, erase);
  }

  /**
   * The names of the changes, for options and files.
   *
   * @return {@code none}, or some of {@code shift}, {@code flip}, {@code erase}, in this order,
   *     with commas between them
   */
  public String toText() {
    if (isNone()) {
      return NONE_NAME;
    }
    List<String> names = new ArrayList<>();
    if (shift) {
      names.add(SHIFT_NAME);
    }
    if (flip) {
      names.add(FLIP_NAME);
    }
    if (erase) {
      names.add(ERASE_NAME);
    }
    return String.join(",", names);
  }

  /**
   * Reads what {@link #toText()} wrote, or a user did.
   *
   * @param text {@code none}, or some of {@code shift}, {@code flip}, {@code erase}, in any order,
   *     each once, with commas between them
   * @return the changes
   * @throws IllegalArgumentException if it is neither
   */
  public static Augmentation fromText(String text) {
    if (text.strip().equals(NONE_NAME)) {
      return NONE;
    }
    List<String> names = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (!List.of(SHIFT_NAME, FLIP_NAME, ERASE_NAME).containsAll(names)
        || new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException(
          "unknown augmentation '%s': expected none, or some of shift, flip, erase, each once, with commas between them"
              .formatted(text));
    }
    return new Augmentation(
        names.contains(SHIFT_NAME), names.contains(FLIP_NAME), names.contains(ERASE_NAME));
  }
}
