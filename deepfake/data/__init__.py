"""From folders of files to crops and labels. Knows no Keras."""
