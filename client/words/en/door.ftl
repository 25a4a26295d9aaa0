# Words of this part of the site.
