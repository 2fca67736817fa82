package keystore

// StoreOnDisk is a keyring in dir that kills its process at a step; 0 never.
func StoreOnDisk(dir string, killAt int) *Store { return storeOnDisk(dir, killAt) }
