/** Folders of image files as a data set. */
package io.github.lenet.training.images;
