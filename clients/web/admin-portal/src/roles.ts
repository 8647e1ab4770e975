import type { Account } from '@ticketing/ui';

// The server decides what a role may do; this only keeps what would be refused out of sight.

export const isStaff = (account: Account): boolean => account.roles.some((role) => ['box_office', 'gate', 'admin'].includes(role));
export const maySell = (account: Account): boolean => account.roles.some((role) => ['box_office', 'admin'].includes(role));
export const isAdmin = (account: Account): boolean => account.roles.includes('admin');
